"""A campaign goes on while the broker is emptied and PostgreSQL is restarted at once.

Exactly one outcome for each recipient, by the token in the body: the carrier's own log
against our states. Charged exactly once each.
"""

import contextlib
import signal
import time
from dataclasses import dataclass, field
from typing import Final

from messaging.conversations.models import Message
from tests.storm import quiet
from tests.storm.place import Place
from tests.storm.proofs import crowd, drain, judging
from tests.storm.proofs.crew import Crew
from tests.storm.proofs.drain import Progress
from tests.storm.proofs.findings import Findings
from tests.storm.proofs.options import Options
from tests.storm.traffic import Traffic
from textengage import timetable

NUMBERS: Final = 8
BROKER_EVERY: Final = 5.0
RESTARTS: Final = (0.3, 0.65)
KILL: Final = 0.5
"""Shares of the texts that have left the queue."""
SHORTEST: Final = 0.9
"""Of the seconds asked for: less, and the faults had no time to strike."""


def prove(place: Place, crew: Crew, options: Options, findings: Findings) -> None:
    people = crowd.gather(place, options.texts, numbers=NUMBERS, seconds=options.seconds)
    traffic = people.traffic(options.seed, faults=["postgres_restarted"])
    people.queue(traffic, kind=Message.CAMPAIGN)
    findings.say(f"{options.texts} texts are queued, at {people.senders[0].segments_per_second}/s")
    crew.start()
    crowd.rent(people)
    weather = Weather(place, crew, options.texts)
    seconds = drain.watch(place, Message.CAMPAIGN, weather.tick, every=0.1)
    findings.note(
        seconds=round(seconds, 1), broker_emptied=weather.emptied,
        postgres_restarted=weather.restarted, workers_killed=weather.killed,
    )  # fmt: skip
    findings.say(f"The clock passes the horizon: {quiet.settle(place)}")
    _conclude(place, traffic, options, weather, findings)
    if seconds < SHORTEST * options.seconds:
        findings.find(f"it was over after {seconds:.0f} s, too soon for the faults")


def _conclude(
    place: Place,
    traffic: Traffic,
    options: Options,
    weather: "Weather",
    findings: Findings,
) -> None:
    result, _ = judging.conclude(place, traffic, findings, kind=Message.CAMPAIGN)
    traffic.close()
    findings.expect("outcomes", result.arrived, options.texts)
    findings.expect("charged", findings.figures["charged"], options.texts)
    findings.expect("restarts of PostgreSQL", weather.restarted, len(RESTARTS))
    findings.expect("killed workers", weather.killed, 1)
    if not weather.emptied:
        findings.find("the broker was never emptied")


@dataclass(slots=True)
class Weather:
    """What is done to the processes, by how much has left."""

    place: Place
    crew: Crew
    texts: int
    emptied: int = 0
    restarted: int = 0
    killed: int = 0
    _emptied_at: float = field(default_factory=time.monotonic)
    _beat_at: float = 0.0

    def tick(self, progress: Progress) -> bool:
        left = 1 - progress.queued / self.texts
        now = time.monotonic()
        if now - self._beat_at > 1.0:
            self._beat_at = now
            _beat()
        if now - self._emptied_at >= BROKER_EVERY:
            self._emptied_at = now
            self.crew.broker.empty()
            self.emptied += 1
        if self.restarted < len(RESTARTS) and left >= RESTARTS[self.restarted]:
            self.place.restart_database()
            self.restarted += 1
        if not self.killed and left >= KILL:
            self.crew.workers[0].signal(signal.SIGKILL)
            self.killed += 1
        return True


def _beat() -> None:
    """Something for the broker to lose."""
    with contextlib.suppress(Exception):
        timetable.every_minute.apply_async(expires=5, retry=False)
