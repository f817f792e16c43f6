"""Signed STOPs reach the web while the texts to the same people are being claimed.

A third of the people write it, spread over the whole drain; half of them just when their
own text's turn has come.
"""

import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from messaging.conversations.models import Message
from tests.storm import quiet
from tests.storm.handset import Accepted
from tests.storm.place import Place
from tests.storm.plan import Inbound
from tests.storm.processes import WORKERS
from tests.storm.proofs import crowd, drain, judging, race
from tests.storm.proofs.crew import Crew
from tests.storm.proofs.crowd import HOUSE, Crowd
from tests.storm.proofs.drain import Progress
from tests.storm.proofs.findings import Findings
from tests.storm.proofs.options import Options
from tests.storm.proofs.race import Going, Stop, Try
from tests.storm.traffic import Traffic
from tests.storm.verdict import TOKEN

NUMBERS: Final = 10
SHARE: Final = 3
"""One of so many people writes STOP."""
PHONES: Final = 8
"""STOPs on their way at once."""
AROUND: Final = 60
"""Places in the queue: so far from their text's turn those write who aim at it."""
CONCURRENCY: Final = 2
"""Requests in flight of a worker: so few that texts wait claimed for their turn at the socket,
where a STOP can find them."""

STOPS = """
SELECT a.address, extract(epoch FROM e.received_at)::float8,
    extract(epoch FROM o.effective_at)::float8
FROM messaging_optout o
JOIN messaging_inboundevent e ON e.message_id = o.message_id
JOIN messaging_message i ON i.id = o.message_id
JOIN messaging_address a ON a.id = i.address_id
"""
TEXTS = """
SELECT a.address, m.state, coalesce(m.verdict->>'code', ''),
    extract(epoch FROM t.claimed_at)::float8, extract(epoch FROM t.wire_at)::float8,
    extract(epoch FROM t.finished_at)::float8, t.outcome
FROM messaging_message m JOIN messaging_address a ON a.id = m.address_id
LEFT JOIN messaging_attempt t ON t.message_id = m.id
WHERE m.direction = 'out' AND m.kind = %s ORDER BY m.id, t.number
"""


def prove(place: Place, crew: Crew, options: Options, findings: Findings) -> None:
    people = crowd.gather(
        place, options.texts, numbers=NUMBERS, seconds=options.seconds, concurrency=CONCURRENCY
    )
    planned = plan(options.texts, options.seed)
    inbound = [Inbound(HOUSE, person, "STOP", at) for at, person in planned]
    traffic = people.traffic(options.seed, inbound=inbound)
    people.queue(traffic, kind=Message.CAMPAIGN)
    findings.say(f"{options.texts} texts are queued, {len(planned)} people are going to write STOP")
    crew.start()
    crowd.rent(people)
    # The carrier takes them just as fast as the numbers' pace hands them out.
    latency = WORKERS * CONCURRENCY * options.seconds / options.texts
    slow = {"latency": {"probability": 1.0, "seconds": latency}}
    crew.carrier.begin(seed=options.seed, plan=slow, moods={})
    phones = Phones(people, deque(planned))
    try:
        seconds = drain.watch(place, Message.CAMPAIGN, phones.tick, every=0.02, until_answered=True)
    finally:
        phones.close()
    crew.carrier.behave()
    findings.note(seconds=round(seconds, 1), answers=dict(Counter(phones.answers.values())))
    quiet.settle(place)
    _conclude(people, traffic, phones, findings)


def plan(texts: int, seed: int) -> list[tuple[int, int]]:
    """(place of the queue's head, person) in order: who writes when.

    The texts stand in the queue as the people do.
    """
    chance = random.Random(f"stop race {seed}")  # noqa: S311 - must repeat itself
    chosen = chance.sample(range(texts), max(texts // SHARE, 1))
    spread, aimed = chosen[::2], chosen[1::2]
    times = [(chance.randrange(texts), person) for person in spread]
    for person in aimed:
        at = person - chance.randrange(-AROUND // 4, AROUND)
        times.append((min(max(at, 0), texts), person))
    return sorted(times)


@dataclass(slots=True)
class Phones:
    """Lets people write when the queue has come to their place; notes every answer."""

    people: Crowd
    planned: deque[tuple[int, int]]
    answers: dict[str, str] = field(default_factory=dict)
    answered_at: dict[str, float] = field(default_factory=dict)
    errors: list[BaseException] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(PHONES, "phone"))
    _work: list[Future[None]] = field(default_factory=list)

    def tick(self, progress: Progress) -> bool:
        head = progress.first if progress.queued else self.people.size
        while self.planned and self.planned[0][0] <= head:
            _, person = self.planned.popleft()
            self._work.append(self._pool.submit(self._write, person))
        return not self.planned and all(each.done() for each in self._work)

    def _write(self, person: int) -> None:
        number = self.people.number(person)
        try:
            self.answers[number] = self.people.place.processes.carrier.text_from(
                number, to=self.people.sender(person).address, body="STOP"
            )
            self.answered_at[number] = time.time()
        except BaseException as error:
            self.errors.append(error)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _conclude(people: Crowd, traffic: Traffic, phones: Phones, findings: Findings) -> None:
    place = people.place
    _, accepted = judging.conclude(place, traffic, findings, kind=Message.CAMPAIGN)
    traffic.close()
    for error in phones.errors:
        findings.find(f"a STOP was not posted: {error}")
    for number, answer in phones.answers.items():
        if not answer.startswith("2"):
            findings.find(f"the STOP of {number} was answered {answer}")
    stops = _stops(place, phones)
    findings.expect("opt-outs", len(stops), len(phones.answers))
    taken, confirmations = _taken(accepted)
    seen = race.judge(stops, _texts(place), taken)
    for text in seen.wrong:
        findings.find(text)
    for number, count in confirmations.items():
        if count > 1:
            findings.find(f"{number} got {count} confirmations")
    findings.note(
        stops=seen.stops, raced=seen.raced, arrived_while=dict(seen.arrived_while),
        refused_by_stop=seen.refused, left_before=seen.left_before,
        on_the_wire_at_effect=seen.on_the_wire_at_effect, after_effect=seen.after_effect,
        handed_over_after_answer=seen.handed_over_after_answer,
        seconds_from_answer_to_effect=_spread(seen.to_effect),
        confirmations=confirmations.total(),
    )  # fmt: skip
    if not seen.raced:
        findings.find("no STOP arrived while the text was still here")


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    return {"median": round(median(seconds), 3), "longest": round(max(seconds), 3)}


def _stops(place: Place, phones: Phones) -> dict[str, Stop]:
    return {
        number: Stop(stored, effective, phones.answered_at[number])
        for number, stored, effective in place.rows.ask(STOPS)
        if number in phones.answered_at
    }


def _texts(place: Place) -> dict[str, Going]:
    tries: dict[str, list[Try]] = defaultdict(list)
    known: dict[str, tuple[str, str]] = {}
    for number, state, code, claimed, wire, finished, outcome in place.rows.ask(
        TEXTS, Message.CAMPAIGN
    ):
        known[number] = (state, code)
        if claimed is not None:
            tries[number].append(Try(claimed, wire, finished, outcome))
    return {number: Going(*facts, tries[number]) for number, facts in known.items()}


def _taken(accepted: Sequence[Accepted]) -> tuple[dict[str, list[float]], Counter[str]]:
    """When the carrier took each person's texts, and how many confirmations it took."""
    taken: dict[str, list[float]] = defaultdict(list)
    confirmations: Counter[str] = Counter()
    for each in accepted:
        if TOKEN.search(each.body):
            taken[each.recipient].append(each.at)
        else:
            confirmations[each.recipient] += 1
    return taken, confirmations
