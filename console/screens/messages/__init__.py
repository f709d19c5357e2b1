"""Frames, live and kept, and one exchange in full."""
