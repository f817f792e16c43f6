"""Secrets at rest: AES-256-GCM, bound to the row that owns them (RELIABILITY threat 20).

A sealed secret is ``key id . nonce+ciphertext`` in URL-safe base64. The keys live in the
environment, never in the database; the first one seals, all of them open.
"""

import base64
import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class Unreadable(Exception):
    """A sealed secret that none of the configured keys opens for this row."""


def _keys() -> dict[str, bytes]:
    derived = [hashlib.sha256(f"seal:{key}".encode()).digest() for key in settings.SECRETS_KEYS]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in derived}


def seal(secret: str, *, customer_id: UUID, row_id: UUID) -> str:
    """Encrypt for one row; the same secret seals differently each time."""
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, secret.encode(), _bound_to(customer_id, row_id))
    return f"{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, customer_id: UUID, row_id: UUID) -> str:
    """Decrypt. Raises Unreadable for a missing key, another row, or a changed byte."""
    key_id, _, text = sealed.partition(".")
    key = _keys().get(key_id)
    if key is None:
        raise Unreadable("the key that sealed this secret is not configured")
    try:
        raw = base64.urlsafe_b64decode(text)
        opened = AESGCM(key).decrypt(raw[:12], raw[12:], _bound_to(customer_id, row_id))
    except (InvalidTag, ValueError):
        raise Unreadable("this secret was sealed for another row, or was changed") from None
    return opened.decode()


def keyed_hash(text: str) -> bytes:
    """HMAC-SHA256 under the pepper: remembers an address without holding it."""
    return hmac.digest(settings.PEPPER.encode(), text.encode(), "sha256")


def _bound_to(customer_id: UUID, row_id: UUID) -> bytes:
    return customer_id.bytes + row_id.bytes
