"""What every screen has: header, attention, status, keys, help, palette, the command line."""
