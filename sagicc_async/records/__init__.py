"""From a vendor's bytes to typed records and back; paging, checkpoints and streams stand on top."""
