"""What a storm says: a line per schedule, what failed in full, the sums at the end."""

import sys
from collections import Counter
from typing import Any, Final

from tests.storm.options import Options
from tests.storm.schedule import Outcome

COUNTS: Final = ("lost", "doubled", "double_charged", "uncharged", "uncertain", "violations")
LONG: Final = 200
"""Schedules from which on a fault that hardly struck makes the run void."""
ENOUGH: Final = 10
HOPELESS: Final = 5
"""Schedules that may fail before the rest is not worth the time."""
SHOWN: Final = 6


class Report:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.schedules = self.messages = self.failed = 0
        self.interleavings = 0
        self.counts: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.examined: Counter[str] = Counter()
        self.seconds = 0.0
        self.stopped = ""

    def add(self, outcome: Outcome) -> None:
        verdict = outcome.verdict
        self.schedules += 1
        self.messages += verdict.messages
        self.seconds += outcome.seconds
        self.failed += not verdict.is_clean
        self.counts.update({name: getattr(verdict, name) for name in COUNTS})
        self.asked.update(outcome.plan.asked)
        self.struck.update(_by_name_asked(outcome))
        self.states.update(verdict.states)
        self.codes.update(verdict.codes)
        self.examined.update(verdict.examined)
        print(_line(outcome), file=sys.stderr, flush=True)
        if not verdict.is_clean:
            for text in verdict.seen[:SHOWN]:
                print(f"  {text}", file=sys.stderr)
            if len(verdict.seen) > SHOWN:
                print(f"  and {len(verdict.seen) - SHOWN} more", file=sys.stderr)
            print(f"  replay: {_replay(outcome)}", file=sys.stderr, flush=True)

    def add_interleavings(self, ran: int, *, failure: str = "") -> None:
        """How many ran inside one process; the first that breaks something ends them."""
        self.interleavings = ran
        if failure:
            self.counts["violations"] += 1
            print(failure, file=sys.stderr, flush=True)

    def stop(self, error: BaseException) -> None:
        self.stopped = f"{type(error).__name__}: {error}"

    @property
    def is_hopeless(self) -> bool:
        return self.failed >= HOPELESS

    @property
    def void(self) -> list[str]:
        """Faults that a long run asked for and that hardly struck."""
        if self.schedules < LONG:
            return []
        return sorted(name for name in self.asked if self.struck[name] < ENOUGH)

    def status(self) -> int:
        if self.stopped or any(self.counts[name] for name in COUNTS):
            return 1
        if self.options.schedules and not (self.schedules and self.messages):
            return 1
        if self.options.interleavings and not self.interleavings:
            return 1
        return 2 if self.void else 0

    def last_words(self) -> list[str]:
        shown = sorted(self.asked.keys() | {name for name in self.struck if self.struck[name]})
        return [
            f"{self.schedules} schedules, {self.messages} texts,"
            f" {self.seconds / max(1, self.schedules):.1f} s each",
            "states: " + _numbers(self.states),
            "reasons: " + _numbers(self.codes),
            "struck (asked for in so many schedules): "
            + ", ".join(f"{name} {self.struck[name]} ({self.asked[name]})" for name in shown),
            "nothing to look at: "
            + (" ".join(code for code, rows in self.examined.items() if not rows) or "none"),
            *(
                [f"VOID: struck fewer than {ENOUGH} times: {', '.join(self.void)}"]
                * bool(self.void)
            ),
            *([f"STOPPED: {self.stopped}"] * bool(self.stopped)),
            *(["STOPPED: too many schedules failed"] * self.is_hopeless),
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "schedules": self.schedules,
            "messages": self.messages,
            **{name: self.counts[name] for name in COUNTS},
            "faults": {name: self.struck[name] for name in sorted(self.asked)},
            "seed": self.options.seed,
            "interleavings": self.interleavings,
        }


def _by_name_asked(outcome: Outcome) -> Counter[str]:
    """A refusal without Retry-After is a fault of its own."""
    struck = Counter(outcome.struck)
    if "refuse_429_silently" in outcome.plan.asked:
        struck["refuse_429_silently"] = struck.pop("refuse_429", 0)
    return struck


def _line(outcome: Outcome) -> str:
    verdict = outcome.verdict
    said = "ok" if verdict.is_clean else "FAILED"
    struck = _numbers(_by_name_asked(outcome))
    size = f"{verdict.messages:>4} texts {outcome.seconds:4.1f} s"
    return f"{outcome.plan.number:>4} {said:<6} {size}  {struck}"


def _replay(outcome: Outcome) -> str:
    plan = outcome.plan
    return f"python manage.py storm --schedules 1 --seed {plan.seed} --from {plan.number} --json"


def _numbers(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()) if number)
