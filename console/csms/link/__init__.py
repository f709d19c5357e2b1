"""One connected station: frames in and out, one request outstanding each way, everything recorded."""
