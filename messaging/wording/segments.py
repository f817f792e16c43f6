"""How many parts (segments) a text is cut into, counted as Twilio counts them.

The carrier bills per part. Rules and their sources:

- GSM-7 when every character is in the GSM 03.38 basic or extension table: 160 units
  alone, 153 per part otherwise. An extension character costs two units that never
  straddle two parts.
- UCS-2 as soon as one character is outside that table: 70 UTF-16 units alone, 67 per
  part. A surrogate pair never straddles two parts.
- Like Twilio's message-segment-calculator, UCS-2 keeps what a reader sees as one
  character in one part: combining accents, variation selectors, skin tones, flags and
  emoji joined by U+200D. The ranges below cover Latin text and emoji; they are fixed
  here, not taken from a Unicode database, so that the browser's twin
  (static/textengage/js/segments.js) agrees whatever its version. A cluster longer than
  a part is cut between code points.
- Two differences from that calculator are on purpose: it gives the first of several
  UCS-2 parts 66 units where the standard and the carriers use 67, and it says 1 for the
  empty text where this says 0.
- CR LF is two characters. Browsers submit line breaks as CR LF: turn them into LF before
  counting what will be sent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

# Twilio refuses a longer body (error 21617). Compared with UTF-16 units, the strictest
# reading of "characters".
MAX_CHARACTERS: Final = 1600

GSM_SINGLE: Final = 160
GSM_PART: Final = 153
UCS_SINGLE: Final = 70
UCS_PART: Final = 67

GSM_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION: Final = "\f^{}\\[~]|€"

# Characters that turn a text expensive and have a plain spelling of the same meaning.
# Accented letters are left alone: they belong to people's names.
REPLACEMENTS: Final[dict[str, str]] = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"),
    **dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000", " "),
    **dict.fromkeys("\u2028\u2029\u0085\u000b", "\n"),
    **dict.fromkeys("\u200b\u2060\ufeff", ""),
    "\u2026": "...",
    "\u2022": "-",
    "\u00b7": "-",
    "\u2044": "/",
    "\u00d7": "x",
}

_OUTSIDE_GSM = re.compile(f"[^{re.escape(GSM_BASIC + GSM_EXTENSION)}]")
_JOINER: Final = "\u200d"
_EXTENDS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # combining marks
    "\u200c\u200d\ufe00-\ufe0f"  # joiners, variation selectors
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"  # skin tones, flag tags
)
_PICTURE = re.compile("[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")


@dataclass(frozen=True, slots=True)
class Segments:
    """The cost of one text. `units` are septets (GSM-7) or UTF-16 units (UCS-2)."""

    encoding: Encoding
    segments: int
    units: int
    units_left: int
    """Units that still fit without another part."""
    expensive: str | None
    """The first character that forces UCS-2."""
    replacement: str | None
    """What `expensive` can be swapped for ("" removes it); None: nothing means the same."""
    characters: int
    """UTF-16 units, for MAX_CHARACTERS."""

    @property
    def too_long_by(self) -> int:
        return max(0, self.characters - MAX_CHARACTERS)


def count(text: str) -> Segments:
    """Count one text as it will be sent: after merging, for one recipient."""
    found = _OUTSIDE_GSM.search(text)
    characters = sum(_utf16_units(char) for char in text)
    if found is None:
        sizes = [2 if char in GSM_EXTENSION else 1 for char in text]
        segments, left = _pack(sizes, single=GSM_SINGLE, part=GSM_PART)
        return Segments("GSM-7", segments, sum(sizes), left, None, None, characters)
    sizes = list(_cluster_sizes(text))
    segments, left = _pack(sizes, single=UCS_SINGLE, part=UCS_PART)
    expensive = found.group()
    return Segments(
        "UCS-2", segments, characters, left, expensive, REPLACEMENTS.get(expensive), characters
    )


def _pack(sizes: list[int], *, single: int, part: int) -> tuple[int, int]:
    """Parts needed for pieces that may not be cut, and the room left in the last one."""
    total = sum(sizes)
    if total <= single:
        return min(total, 1), single - total
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts, part - used


def _cluster_sizes(text: str) -> Iterator[int]:
    """UTF-16 units of each cluster, in order."""
    size, before = 0, ""
    for char in text:
        units = _utf16_units(char)
        if size + units <= UCS_PART and _joins(before, char, size=size):
            size += units
        else:
            if size:
                yield size
            size = units
        before = char
    if size:
        yield size


def _joins(before: str, char: str, *, size: int) -> bool:
    """Does `char` belong to the cluster that ends with `before` and has `size` units?"""
    if before in {"", "\r", "\n"}:
        return False
    if _EXTENDS.match(char):
        return True
    if before == _JOINER:
        return _PICTURE.match(char) is not None
    # A flag is two letters; size 2 means the cluster holds one so far.
    return size == 2 and bool(_FLAG_LETTER.match(before) and _FLAG_LETTER.match(char))


def _utf16_units(char: str) -> int:
    return 2 if char > "\uffff" else 1
