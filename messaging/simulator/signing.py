"""Twilio's request signature: base64 of HMAC-SHA1 over the address and the sorted form."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signature(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """`url` exactly as it is called, query included, fragment not."""
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
