"""The door for stations: addresses, TLS, the handshake, and the sockets of those that are in."""
