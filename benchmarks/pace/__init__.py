"""Numbers with allowances: what the carrier got of what each one may send."""

from benchmarks.pace.benchmark import PACE

__all__ = ["PACE"]
