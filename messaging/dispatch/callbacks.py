"""The addresses a provider calls back: built from PUBLIC_URL, never from a request."""

from uuid import UUID

from django.conf import settings


def receipt_url(provider: str, account_id: UUID, attempt_id: UUID) -> str:
    """Where receipts for one attempt go. The attempt's id proves a lost answer later."""
    return f"{settings.PUBLIC_URL}/hooks/{provider}/{account_id}/receipts/{attempt_id}/"


def inbound_url(provider: str, account_id: UUID) -> str:
    """Where texts to an account's numbers go."""
    return f"{settings.PUBLIC_URL}/hooks/{provider}/{account_id}/inbound/"
