"""The OCPP 2.0.1 and 2.1 faces of a simulated station: one body of code, on the `ocpp` package's own ChargePoint."""
