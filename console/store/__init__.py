"""The store: what a site knows, kept. It knows the model and a database, and no OCPP."""

from console.store.load import Loaded
from console.store.queries import Queries
from console.store.retention import Keep, Removed
from console.store.store import Store
from console.store.writer import Writer

__all__ = ["Keep", "Loaded", "Queries", "Removed", "Store", "Writer"]
