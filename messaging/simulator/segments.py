"""How many SMS parts a text takes: GSM 03.38 in septets, otherwise UTF-16 units."""

import math

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[]~|€\f")


def segment_count(body: str) -> int:
    """1 for an empty text, as Twilio reports it."""
    characters = set(body)
    if characters <= _BASIC:
        return _parts(len(body), single=160, part=153)
    if characters <= _BASIC | _EXTENDED:
        return _packed([2 if c in _EXTENDED else 1 for c in body], single=160, part=153)
    return _packed([2 if ord(c) > 0xFFFF else 1 for c in body], single=70, part=67)


def _parts(length: int, *, single: int, part: int) -> int:
    return 1 if length <= single else math.ceil(length / part)


def _packed(widths: list[int], *, single: int, part: int) -> int:
    """A character of width two never straddles two parts."""
    if sum(widths) <= single:
        return 1
    parts, room = 1, part
    for width in widths:
        if width > room:
            parts, room = parts + 1, part
        room -= width
    return parts
