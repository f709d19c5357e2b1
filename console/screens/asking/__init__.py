"""From a key or a typed line to a command that was carried out: forms, words, confirmation, outcome."""
