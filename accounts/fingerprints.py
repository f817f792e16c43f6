"""Refusing to run with a pepper that the stored hashes were not made with.

With another pepper every Do Not Text would silently be forgotten (PRODUCT section 9).
"""

from django.core.exceptions import ImproperlyConfigured

from accounts import secrets
from accounts.models import Fingerprint


def check_pepper() -> None:
    """Remember the pepper's digest the first time, raise ImproperlyConfigured ever after."""
    digest = secrets.keyed_hash("fingerprint of the pepper").hex()
    known, _ = Fingerprint.objects.get_or_create(name="pepper", defaults={"digest": digest})
    if known.digest != digest:
        raise ImproperlyConfigured(
            "PEPPER differs from the one this database was filled with. Every Do Not Text"
            " would be forgotten. Restore the old value."
        )
