"""The OCPP 1.6J face of a simulated station, on the `ocpp` package's own ChargePoint."""
