"""The drop box: where stations put their logs and fetch their firmware, over HTTP."""
