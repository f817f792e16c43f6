"""Callbacks: ours ahead of Django beside an ORM view."""

from benchmarks.webhooks.benchmark import WEBHOOKS

__all__ = ["WEBHOOKS"]
