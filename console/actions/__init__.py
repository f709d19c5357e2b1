"""What an operator can ask of a station: OCPP's own actions, as forms made from their JSON schemas. No screen here."""
