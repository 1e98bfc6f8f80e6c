"""What the SDK costs, measured side by side with hand-written code in one run."""
