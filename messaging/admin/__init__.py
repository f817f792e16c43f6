"""The admin of sending. Importing a module registers its admin."""

from messaging.admin import inbound_events, provider_accounts, senders

__all__ = ["inbound_events", "provider_accounts", "senders"]
