"""Addresses and their keyed hashes."""

from accounts import secrets


def key_of(channel: str, address: str) -> bytes:
    """What remembers an address when the address itself is gone."""
    return secrets.keyed_hash(f"{channel}:{address}")
