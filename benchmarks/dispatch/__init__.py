"""Sending: the pump beside the usual one Celery task per text (PERFORMANCE goals 1 to 4)."""

from benchmarks.dispatch.benchmark import DISPATCH

__all__ = ["DISPATCH"]
