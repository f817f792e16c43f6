"""What every answer must look like to a browser, whoever asked (RELIABILITY, threats 11, 21)."""

import re
from typing import Any, Final

from tests.every_url.asking import Answer
from tests.every_url.principals import SIGNED_IN

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
LOOSER: Final = {"/api/docs/": {"style-src": "'self' 'unsafe-inline'"}}
"""Swagger UI writes style attributes; its page holds no data."""
SCRIPT: Final = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.S | re.I)
INLINE: Final = re.compile(r"<style\b|<[a-z][^<>]*\s(?:style|on[a-z]+)\s*=|javascript:", re.I)
DATA: Final = 'type="application/json"'
OUTSIDE: Final = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//[^"']+""", re.I)


def problems(principal: str, path: str, answer: Answer) -> list[str]:
    """What is wrong with an answer; nothing, when all is well."""
    found = [*_of_any(principal, answer)]
    if answer.is_html:
        found += _of_pages(path, answer)
    return found


def _of_any(principal: str, answer: Answer) -> list[str]:
    headers = answer.headers
    found: list[str] = []
    wanted = {
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }
    found += [
        f"{name}: {headers.get(name)}" for name in wanted if headers.get(name) != wanted[name]
    ]
    if any(name.startswith("access-control-") for name in headers):
        found.append("answers other origins")
    if principal in SIGNED_IN and "no-store" not in headers.get("cache-control", ""):
        found.append(f"may be stored: {headers.get('cache-control')}")
    found += [problem for cookie in answer.cookies.values() for problem in _of_cookie(cookie)]
    return found


def _of_cookie(cookie: Any) -> list[str]:
    # Deleting one needs no HttpOnly: it is empty.
    if cookie["max-age"] == 0 or not cookie.value:
        return []
    good = bool(cookie["httponly"]) and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    return [] if good else [f"cookie {cookie.OutputString()}"]


def _of_pages(path: str, answer: Answer) -> list[str]:
    found = []
    is_looser = answer.status == 200 and path in LOOSER
    policy = POLICY | (LOOSER[path] if is_looser else {})
    given = dict(
        part.strip().split(" ", 1)
        for part in answer.headers.get("content-security-policy", "").split(";")
        if part.strip()
    )
    if given != policy:
        found.append(f"policy {given}")
    for attributes, content in SCRIPT.findall(answer.text):
        if "src=" not in attributes and DATA not in attributes and content.strip():
            found.append(f"inline script {content.strip()[:60]}")
    if not is_looser:
        found += [f"inline {match[0][:80]}" for match in INLINE.finditer(answer.text)]
    found += [f"from outside: {match[0]}" for match in OUTSIDE.finditer(answer.text)]
    return found
