"""Which token may charge where, and when."""
