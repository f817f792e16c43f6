"""In-process interleavings of the outbox, the ledger and Do Not Text against a small model."""

from tests.storm.machine.launching import Failed, run

__all__ = ["Failed", "run"]
