"""The list of stations, and one station."""
