"""What a provider's error code means for us: an action and a sentence (RULES 4.3).

The map is data (`errors.json`). It alone decides: a provider only says what the answer was.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from messaging.providers import Answer, Outcome

FILE: Final = Path(__file__).with_name("errors.json")

# What becomes of the text itself at create, by action; whatever is not named here is final.
# What an action means beyond the one text stands in `consequences`.
BECOMES: Final = {
    "later": Outcome.NOT_SENT,
    "pause_account": Outcome.NOT_SENT,
    "pause_sender": Outcome.NOT_SENT,
    "pause_country": Outcome.NOT_SENT,
    "uncertain": Outcome.UNCERTAIN,
}
FINAL: Final = ("final", "unusable", "opt_out", "bug", "other_channel", "template")
ACTIONS: Final = (*BECOMES, *FINAL)
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
PACIFIC_MIDNIGHT: Final = "pacific midnight"
"""US carriers count a day's texts by it."""
DENIED: Final = "20003"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code. ``sentence`` is for the recruiter, at most 90 characters.

    A wait or a pause lasts ``seconds``, or ``until`` a named instant; a pause with neither
    lasts until somebody resumes.
    """

    action: str
    sentence: str
    seconds: int | None = None
    until: str = ""

    @property
    def outcome(self) -> Outcome:
        """What becomes of a text that was refused at create with this code."""
        return BECOMES.get(self.action, Outcome.FAILED)

    def ends_at(self, now: datetime) -> datetime | None:
        """When what it began ends by itself (UTC); None if a person has to end it."""
        if self.seconds is not None:
            return now + timedelta(seconds=self.seconds)
        return next_midnight(now) if self.until == PACIFIC_MIDNIGHT else None


@cache
def known() -> dict[str, Meaning]:
    rows = json.loads(FILE.read_text(encoding="utf-8"))["codes"]
    return {code: Meaning(**row) for code, row in rows.items()}


def meaning_of(code: str, http_status: int | None = None) -> Meaning:
    """An unknown code is final and shown as it is: never a crash, never a blind retry.

    Who is turned away at the provider's door (401, 403) has a problem with the account,
    whatever the code says.
    """
    found = known().get(code)
    if found:
        return found
    if http_status in (401, 403):
        return known()[DENIED]
    return Meaning("final", f"The carrier refused it (code {code or '?'}).")


def outcome_of(answer: Answer) -> Outcome:
    """What becomes of a text by the provider's answer."""
    if answer.outcome is not Outcome.FAILED:
        return answer.outcome
    return meaning_of(answer.error_code, answer.http_status).outcome


def next_midnight(now: datetime) -> datetime:
    """The next midnight of the US Pacific coast, also across a change of clocks."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC)
