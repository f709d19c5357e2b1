"""What a station is set to, holds, shows and tells."""
