"""What stations tell of themselves and is kept: reports, certificates, displays, files."""
