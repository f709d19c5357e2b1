"""Tags, waiting cards, and stations' local lists."""
