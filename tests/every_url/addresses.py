"""Addresses of an entry: with the own row, another's, one that does not exist."""

import re
from collections.abc import Container
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests.every_url.admin_matrix import PLATFORM
from tests.every_url.cells import Entry
from tests.every_url.world import World

OWN, OTHER, ABSENT = "own", "other customer's", "absent"
PURGED, COLLEAGUES = "purged", "colleague's"
COLLEAGUES_THEN_ABSENT = "colleague's, then absent"
OWN_THEN_OTHER, OWN_THEN_ABSENT = "own, then another's", "own, then absent"
ABSENT_ID: Final = UUID("00000000-0000-7000-8000-000000000000")
SPOILED: Final = "abcdef-0123456789abcdef0123456789abcdef"
PART: Final = re.compile(r"<(?:\w+:)?(\w+)>")
PURGED_KIND: Final = {"candidate": "purged", "silent": "purged", "thread": "closed"}


def patterns(resolver: Any = None, before: str = "") -> list[str]:
    """Every pattern of the URLconf, as `path` and `re_path` have it."""
    found = []
    for each in (resolver or get_resolver()).url_patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found += patterns(each, here)
        else:
            assert isinstance(each, URLPattern)
            found.append(here)
    return found


def like(state: str, there: Container[str]) -> str:
    """The state whose answers a refused row's must equal; empty for none."""
    if state in (OWN, ABSENT, OWN_THEN_ABSENT, COLLEAGUES_THEN_ABSENT):
        return ""
    if state == OWN_THEN_OTHER:
        return OWN_THEN_ABSENT
    reads_colleagues = state == COLLEAGUES and COLLEAGUES_THEN_ABSENT in there
    return COLLEAGUES_THEN_ABSENT if reads_colleagues else ABSENT


def states(entry: Entry) -> list[str]:
    """Which rows an address can name."""
    if not entry.objects:
        return [OWN]
    if set(entry.objects.values()) & PLATFORM:
        return [OWN, ABSENT]
    found = [OWN, OTHER, ABSENT]
    if set(entry.objects.values()) & set(PURGED_KIND):
        found.append(PURGED)
    if entry.is_personal:
        found.append(COLLEAGUES)
    if list(entry.objects) == ["thread", "text"]:
        found += [COLLEAGUES_THEN_ABSENT, OWN_THEN_OTHER, OWN_THEN_ABSENT]
    return found


def path(entry: Entry, world: World, principal: str, state: str) -> tuple[str, tuple[str, ...]]:
    """The address, and the ids in it."""
    if entry.sample:
        return entry.sample, ()
    parts = dict(entry.fixed)
    for place, (name, kind) in enumerate(entry.objects.items()):
        parts[name] = _id(world, principal, name, kind, _state_of_part(state, place))
    made = PART.sub(lambda match: parts[match[1]], entry.pattern)
    return f"/{made}", tuple(parts[name] for name in entry.objects)


def _state_of_part(state: str, place: int) -> str:
    """Colleagues' threads can be read, so only the text in one is absent."""
    parts = {
        COLLEAGUES_THEN_ABSENT: (COLLEAGUES, ABSENT),
        OWN_THEN_OTHER: (OWN, OTHER),
        OWN_THEN_ABSENT: (OWN, ABSENT),
    }
    return parts[state][place] if state in parts else state


def _id(world: World, principal: str, name: str, kind: str, state: str) -> str:
    if kind == "link":
        return _link(world, principal, name, state)
    own = world.own(principal, kind)
    if state == OWN:
        return str(own.pk)
    if state == OTHER:
        return str(world.others(principal, kind).pk)
    if state == PURGED:
        return str(world.own(principal, PURGED_KIND[kind]).pk)
    if state == COLLEAGUES:
        return str(world.colleagues(principal, kind).pk)
    return str(ABSENT_ID if isinstance(own.pk, UUID) else 999_999_999)


def _link(world: World, principal: str, name: str, state: str) -> str:
    """A part of a link to choose a password; only the own one has a token that is good."""
    user = world.own(principal, "user") if state == OWN else world.others(principal, "user")
    if name == "uidb64":
        return urlsafe_base64_encode(force_bytes(ABSENT_ID if state == ABSENT else user.pk))
    return default_token_generator.make_token(user) if state == OWN else SPOILED
