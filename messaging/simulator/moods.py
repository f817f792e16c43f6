"""How a phone behaves when a text is sent to it."""

from messaging.simulator.errors import (
    INVALID_TO,
    LANDLINE,
    NO_ROUTE,
    OPTED_OUT,
    REGION_OFF,
    UNREACHABLE,
)

MOODS = (
    "silent",
    "answers",
    "stops",
    "wrong_person",
    "landline",
    "unreachable",
    "invalid",
    "opted_out",
    "no_route",
)

ANSWERS = (
    "Hi, yes I am interested. What does it pay?",
    "That works for me. Is there parking on site?",
    "Thursday at 2 PM is good.",
    "Great, see you then.",
)

#: Refused when the text is created.
REFUSED_AT_CREATE = {"invalid": INVALID_TO, "opted_out": OPTED_OUT, "no_route": NO_ROUTE}

#: Taken, and undelivered later with this code.
UNDELIVERED = {"landline": LANDLINE, "unreachable": UNREACHABLE}

#: The magic numbers of Twilio's test credentials, whatever mood the rest has.
MAGIC_REFUSALS = {
    "+15005550001": INVALID_TO,
    "+15005550003": REGION_OFF,
    "+15005550004": OPTED_OUT,
}


def scripted_answer(mood: str, *, already: int) -> str | None:
    """What a phone in this mood writes back, having answered `already` times before.

    A script ends, so that two automatic sides never talk for ever.
    """
    script = {
        "answers": ANSWERS,
        "stops": ("STOP",),
        "wrong_person": ("Wrong number, I do not know who this is.",),
    }.get(mood, ())
    return script[already] if already < len(script) else None
