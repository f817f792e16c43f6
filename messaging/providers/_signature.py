"""Twilio's request signature, to the letter of RULES 4.1."""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

Pairs = list[tuple[str, str]]


def form_pairs(body: bytes) -> Pairs:
    """The decoded parameters; bytes that are no UTF-8 stay, as surrogates."""
    text = body.decode("utf-8", "surrogateescape")
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def is_signed(
    url: str, body: bytes, content_type: str, signature: str, tokens: Iterable[str]
) -> bool:
    """Whether one of the tokens signed this request for this public address."""
    if content_type.startswith("application/json"):
        if not _body_hash_agrees(url, body):
            return False
        tail = b""
    else:
        tail = _signed_parameters(form_pairs(body))
    given = signature.encode("utf-8", "replace")
    found = False
    for token in tokens:
        for candidate in _candidates(url):
            expected = sign(candidate, tail, token)
            # Compare all of them: neither which one matched nor how far shows in the time.
            found |= hmac.compare_digest(expected, given)
    return found


def sign(url: str, tail: bytes, token: str) -> bytes:
    """Base64 of HMAC-SHA1 over the address and the sorted parameters."""
    mac = hmac.digest(token.encode(), url.encode("utf-8", "surrogateescape") + tail, "sha1")
    return base64.b64encode(mac)


def _signed_parameters(pairs: Pairs) -> bytes:
    values: dict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        values[name].add(value)
    text = "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return text.encode("utf-8", "surrogateescape")


def _candidates(url: str) -> Iterator[str]:
    """With and without the scheme's port, the query as received and encoded again.

    Twilio's back end is inconsistent about both. Never any other port.
    """
    parts = urlsplit(url)
    host = parts.netloc
    default = ":443" if parts.scheme == "https" else ":80"
    bare = host.removesuffix(default)
    hosts = [bare, bare + default] if ":" not in bare else [host]
    for netloc in hosts:
        for query in dict.fromkeys((parts.query, quote(unquote(parts.query), safe="=&"))):
            yield urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def _body_hash_agrees(url: str, body: bytes) -> bool:
    given = dict(parse_qsl(urlsplit(url).query)).get("bodySHA256", "")
    expected = hashlib.sha256(body).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
