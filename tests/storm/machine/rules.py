"""The rules by which schedules are made: what may come next, and how often.

Hypothesis draws one number for each step. It becomes a choice among what makes sense now, by
weight, with its particulars. (A rule of Hypothesis's own for each kind of step reaches the
depths of a text's way ten times less often: it switches half of the rules off in every run.)
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from tests.storm.machine.carrier import ACCEPTING, CERTAIN, DECLINING
from tests.storm.machine.comparing import WAITS
from tests.storm.machine.model import FINAL
from tests.storm.machine.schedule import RACERS, Schedule

Given = dict[str, Any]
Rule = tuple[int, str, Callable[[Random], Given]]

KINDS: Final = ("typed", "typed", "campaign", "campaign", "automatic", "api")
WORDS: Final = ("queued", "sending", "sent", "sent", "delivered", "delivered", "undelivered",
                "failed", "read")  # fmt: skip
CODES: Final = ("", "30003", "30005", "21610")
SAID: Final = ("STOP", "STOP", "STOP", "START", "START", "HELP", "Yes, tell me more")
EDGES: Final = (-1_000_000, -1, 0, 0, 1, 1, 1_000_000)
"""Microseconds around the end of 45 days."""
PAIRS: Final = (
    ("claim", "claim"), ("claim", "stop"), ("start", "stop"),
    ("start", "cancel"), ("start", "sweep"), ("settle", "sweep"), ("settle", "apply"),
    ("settle", "claim"), ("settle", "stop"), ("settle", "reconcile"), ("give_back", "claim"),
    ("sweep", "claim"), ("apply", "claim"), ("apply", "reconcile"), ("sweep", "sweep"),
    ("reconcile", "reconcile"), ("apply", "apply"), ("settle", "settle"),
)  # fmt: skip


def dice_of(number: int, place: int) -> Random:
    """Dice for one step. The same number elsewhere is another step: Hypothesis repeats many."""
    return Random(number << 8 | place & 0xFF)  # noqa: S311 - a schedule, not a secret


def beginning(number: int) -> list[tuple[str, Given]]:
    """Some contacts, and the first texts."""
    dice = dice_of(number, 0)
    amount = dice.choice((0, 1, 1, 2, 3, 8, 8))
    steps: list[tuple[str, Given]] = [("grant", {"amount": amount})] if amount else []
    return [*steps, ("put", _texts(dice))]


def step(number: int, schedule: Schedule) -> tuple[str, Given]:
    """The step that a number stands for, now."""
    dice = dice_of(number, len(schedule.steps))
    rules = list(_outside(schedule)) + list(_inside(schedule))
    _, name, particulars = dice.choices(rules, [rule[0] for rule in rules])[0]
    return name, particulars(dice)


def _outside(schedule: Schedule) -> Iterator[Rule]:
    """People, the carrier, the clock."""
    table, ran = schedule.table, schedule.ran
    stages = {flight.stage for flight in table.flights}
    states = {text.state for text in table.seen.texts.values()}
    yield 2, "queue", _drafts
    yield 4, "put", _texts
    yield 1, "press_send", lambda dice: {"person": _person(dice)}
    yield 3, "text_in", lambda dice: _heard(dice) | {"again": dice.random() < 0.3}
    yield 1, "license", lambda dice: {"is_valid": dice.random() < 0.4}
    yield 2, "grant", lambda dice: {"amount": dice.randint(1, 3)}
    yield 3, "wait", lambda dice: {"how_long": dice.choice(tuple(WAITS))}
    if table.facts.is_paused:
        yield 3, "unpause", _nothing
    if not ran["stray"]:
        yield 1, "stray", lambda dice: {"word": dice.choice(WORDS)}
    if not ran["forge"]:
        yield 1, "forge", lambda dice: {"person": _person(dice)}
    if not ran["text_in_while_busy"] and not ran["stray"]:
        yield 1, "text_in_while_busy", _heard
    if "sending" in stages:
        yield 40, "answer", lambda dice: {"index": dice.randint(0, 3), "way": _way(dice)}
        yield (
            3,
            "die",
            lambda dice: {
                "index": dice.randint(0, 3),
                "when": dice.choice(("sending", "accepted")),
            },
        )
        yield 3, "wait", lambda dice: {"how_long": dice.choice(("31s", "61s", "61s", "2min"))}
    if stages & {"claimed", "answered"}:
        yield (
            1,
            "die",
            lambda dice: {
                "index": dice.randint(0, 3),
                "when": dice.choice(("claimed", "answered")),
            },
        )
    if "claimed" in stages:
        yield 2, "license", lambda dice: {"is_valid": False}
        yield 2, "cancel", lambda dice: {"index": dice.randint(0, 3)}
        yield 2, "staff_stop", lambda dice: {"person": _person(dice)}
        yield 2, "wait", lambda dice: {"how_long": dice.choice(("19s", "59s", "61s"))}
    if table.carrier.log:
        yield 9, "report", _reported
    if "unconfirmed" in states:
        yield 8, "send_again", lambda dice: {"index": dice.randint(0, 3)}
    if "uncertain" in states:
        yield 6, "wait", lambda dice: {"how_long": dice.choice(("31s", "2min", "15min", "15min"))}
    if states & (FINAL - {"refused", "canceled", "expired", "failed"}):
        yield (
            7,
            "boundary",
            lambda dice: {
                "index": dice.randint(0, 2),
                "microseconds": dice.choice(EDGES),
            },
        )


def _inside(schedule: Schedule) -> Iterator[Rule]:
    """The product's own deeds, alone and at once."""
    table = schedule.table
    stages = {flight.stage for flight in table.flights}
    states = {text.state for text in table.seen.texts.values()}
    yield 1, "staff_stop", lambda dice: {"person": _person(dice)}
    yield 2, "sweep", _nothing
    yield (
        3,
        "rivals",
        lambda dice: {
            "people": dice.choice(((0, 0), (1, 1), (0, 1), (1, 0), (1, 2))),
            "switches": _turns(dice),
            "amount": dice.choice((0, 1)),
        },
    )
    yield (
        2,
        "at_the_door",
        lambda dice: {
            "index": dice.randint(0, 2),
            "deed": dice.choice(("stop", "stop", "cancel", "sweep", "give_back", "claim")),
            "switches": _turns(dice),
            "first": dice.random() < 0.5,
        },
    )
    yield (
        2,
        "at_the_answer",
        lambda dice: {
            "index": dice.randint(0, 2),
            "way": _way(dice),
            "deed": dice.choice(("sweep", "apply", "reconcile", "stop", "claim")),
            "switches": _turns(dice),
            "first": dice.random() < 0.5,
        },
    )
    if "queued" in states:
        yield 9, "claim", lambda dice: {"limit": dice.choice((1, 2, 10, 10))}
        yield 7, "send_all", lambda dice: {"way": _way(dice)}
    if "claimed" in stages:
        yield 30, "start", _some
        yield 1, "give_back", _nothing
    if "answered" in stages:
        yield 40, "settle", _some
    if "settled" in stages:
        yield (
            20 if schedule.overtaken() else 1,
            "settle_again",
            lambda dice: {"index": dice.randint(0, 3)},
        )
    if table.inbound or any(not each.is_applied for each in table.reports):
        yield 8, "apply", _nothing
    if states & {"held", "queued", "claimed", "sending"}:
        yield 1, "cancel", lambda dice: {"index": dice.randint(0, 3)}
    if "uncertain" in states:
        yield 6, "reconcile", _nothing
    if states & {"queued", "claimed", "sending", "uncertain"}:
        busy = stages & {"claimed", "answered"} or states & {"uncertain"}
        yield 14 if busy else 4, "race", lambda dice: _racing(dice, stages, states)


def _racing(dice: Random, stages: set[str], states: set[str]) -> Given:
    """Two deeds that have something to do, mostly."""
    able = {"claim": "queued" in states, "start": "claimed" in stages,
            "settle": "answered" in stages, "give_back": "claimed" in stages,
            "reconcile": "uncertain" in states}  # fmt: skip
    pairs = [pair for pair in PAIRS if all(able.get(each, True) for each in pair)]
    pair = (
        dice.choices(pairs, [_weight(pair) for pair in pairs])[0]
        if dice.random() < 0.8
        else dice.choices(RACERS, k=2)
    )
    one, other = dice.sample(list(pair), 2)
    index = dice.randint(0, 3)
    return {"first": one, "second": other, "index": index, "switches": _turns(dice)}


def _turns(dice: Random) -> list[int]:
    """How many statements each hand runs before the other goes on."""
    return [dice.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14)) for _ in range(dice.randint(1, 3))]


def _weight(pair: tuple[str, str]) -> int:
    """Pairs that need a text in a rare state are taken when there is one."""
    rare = {"settle": 4, "start": 4, "reconcile": 3, "give_back": 2}
    return sum(rare.get(each, 1) for each in pair) * (3 if "stop" in pair else 1)


def _texts(dice: Random) -> Given:
    return {
        "people": [_person(dice) for _ in range(dice.choice((1, 1, 2, 3)))],
        "kind": dice.choice(KINDS),
        "sender": dice.randint(0, 2),
    }


def _drafts(dice: Random) -> Given:
    return _texts(dice) | {"delay": dice.choice((0, 0, 0, 5, 90))}


def _reported(dice: Random) -> Given:
    word = dice.choice(WORDS)
    return {
        "index": dice.randint(0, 5),
        "word": word,
        "code": dice.choice(CODES) if word in ("undelivered", "failed") else "",
        "again": dice.random() < 0.2,
    }


def _way(dice: Random) -> str:
    """How the carrier answers: well, with a refusal, or in a way that says nothing."""
    kinds = (("yes",), CERTAIN, ACCEPTING, DECLINING, ("lost", "silent"))
    return dice.choice(dice.choice(kinds))


def _person(dice: Random) -> int:
    return dice.choice((0, 0, 0, 1, 1, 2))


def _heard(dice: Random) -> Given:
    return {"person": _person(dice), "words": dice.choice(SAID)}


def _some(dice: Random) -> Given:
    return {"index": dice.choice((None, None, 0, 1, 2))}


def _nothing(_: Random) -> Given:
    return {}
