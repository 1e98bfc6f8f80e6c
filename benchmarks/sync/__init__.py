"""What mirroring many accounts costs, beside a loop that keeps no token, no state and no history."""
