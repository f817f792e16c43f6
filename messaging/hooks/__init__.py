"""`/hooks/<provider>/<account>/...`: what providers call, ahead of Django."""

from messaging.hooks.receiving import MOST_BYTES, Hooks

__all__ = ["MOST_BYTES", "Hooks"]
