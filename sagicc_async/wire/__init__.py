"""One HTTP exchange: decisions without I/O, then the mover of bytes. Knows no token."""
