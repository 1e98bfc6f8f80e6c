"""What the SDK tells about itself: events for hooks, one INFO line a request, detail at DEBUG; never a secret."""
