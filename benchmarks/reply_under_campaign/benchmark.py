"""`manage.py bench reply-under-campaign`: from an answer's commit to the carrier's log."""

import json
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import _ground
from benchmarks._benchmark import Benchmark, BenchmarkFailed, Metric, Result, Say
from benchmarks._carrier import Carrier
from benchmarks._figures import percentile
from benchmarks._programs import Program, Worker, count, wait_until_listening
from benchmarks._traffic import Texts, Traffic
from benchmarks.reply_under_campaign.constants import (
    POOL,
    REPLY_PEOPLE,
    pool_number_of,
)
from textengage.cast import ACME_SID, GLOBEX_SID

SAME, OTHER = "Acme", "Globex"
CONCURRENCY: Final = 100
UNDER_WAY: Final = 0.5
"""Seconds that the campaign runs before the first answer."""
QUEUED = "SELECT count(*) FROM messaging_message WHERE state = 'queued' AND priority = 1"
UNANSWERED = """
SELECT count(*) FROM messaging_message WHERE priority = 0
  AND state IN ('queued', 'claimed', 'sending', 'uncertain')
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    rounds: int
    replies: int
    every: float
    campaign: int


# A campaign is queued that lasts for all answers of a round, and its rest is withdrawn.
QUICK, WHOLE = Sizes(3, 60, 0.04, 8_000), Sizes(3, 800, 0.05, 100_000)


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds from commit to the carrier, by customer."""

    latency: dict[str, list[float]]
    campaign_per_second: float

    def p(self, customer: str, share: float) -> float:
        return percentile(self.latency[customer], share)

    def as_json(self) -> dict[str, Any]:
        figures = {
            f"{customer.lower()}_p{share:.0f}_ms": round(self.p(customer, share / 100), 1)
            for customer in self.latency
            for share in (50, 95, 99)
        }
        return figures | {"campaign_per_second": round(self.campaign_per_second, 1)}


class ReplyUnderCampaign(Benchmark):
    code = "reply-under-campaign"
    title = "a reply's way to the carrier while a campaign drains, beside an idle worker"

    def run(self, options: Namespace, say: Say) -> Result:
        sizes = QUICK if options.quick else WHOLE
        rounds = []
        with _bench(sizes.campaign) as bench:
            bench.measure("warm", Sizes(1, 4, 0.1, 0))
            for number in range(1, sizes.rounds + 1):
                done = {
                    "campaign": bench.measure(f"c{number}", sizes),
                    "idle": bench.measure(f"i{number}", Sizes(1, sizes.replies, sizes.every, 0)),
                }
                say(f"round {number}: " + "   ".join(f"{k} {_told(v)}" for k, v in done.items()))
                rounds.append(done)
        as_json = [{name: each.as_json() for name, each in done.items()} for done in rounds]
        return Result(self.code, [_metric(rounds, SAME), _metric(rounds, OTHER)], as_json)


REPLY_UNDER_CAMPAIGN = ReplyUnderCampaign()


@dataclass(frozen=True, slots=True)
class Bench:
    carrier: Carrier
    traffic: Traffic
    worker: Worker
    recruiters: Program

    def measure(self, label: str, sizes: Sizes) -> Measured:
        """Raises BenchmarkFailed if an answer is lost or doubled or the campaign too short."""
        self.traffic.empty(concurrency=CONCURRENCY)
        self.carrier.forget()
        self.worker.wake()
        if sizes.campaign:
            self.traffic.queue(_campaign(sizes.campaign))
            time.sleep(UNDER_WAY)
        plan = {"label": label, "count": sizes.replies, "every": sizes.every, "first": 1}
        began = time.time()
        self.recruiters.say(json.dumps(plan))
        sent = json.loads(self.recruiters.hear())
        ended = time.time()
        is_over = sizes.campaign and not count(self.traffic.database, QUEUED)
        self.traffic.wait(
            lambda: count(self.traffic.database, UNANSWERED) == 0, "answers did not leave"
        )
        self.traffic.withdraw()
        self.worker.rest(self.traffic.database)
        if is_over:
            raise BenchmarkFailed("The campaign was over before the last answer.")
        return self._measured(sent, began, ended)

    def _measured(self, sent: Sequence[tuple[str, float]], began: float, ended: float) -> Measured:
        texts = self.carrier.accepted()
        times = Counter(text.token for text in texts)
        lost = [token for token, _ in sent if token not in times]
        doubled = [token for token, number in times.items() if number > 1]
        if lost or doubled:
            raise BenchmarkFailed(f"{len(lost)} answers lost, {len(doubled)} texts doubled.")
        arrived = {text.token: text.at for text in texts}
        latency: dict[str, list[float]] = {SAME: [], OTHER: []}
        for token, at in sent:
            latency[token.partition("-")[0]].append((arrived[token] - at) * 1000)
        meanwhile = sum(began <= text.at <= ended for text in texts) - len(sent)
        return Measured(latency, max(meanwhile, 0) / (ended - began))


def _campaign(size: int) -> Texts:
    """One text to each of so many people of Acme, from the numbers of its pool in turn."""
    return Texts(
        f"""
        SELECT p.n AS place, p.customer_id, p.n, s.id AS sender_id, 1 AS segments,
            'campaign-' || p.n AS label
        FROM bench.person p
        JOIN (SELECT id, customer_id, row_number() OVER (ORDER BY address) - 1 AS i
              FROM messaging_sender WHERE address LIKE '+15105559%') s
            ON s.customer_id = p.customer_id AND s.i = p.n % {POOL}
        WHERE p.n > {REPLY_PEOPLE} AND p.n <= {REPLY_PEOPLE + size}
        """,  # noqa: S608 - numbers of ours
        kind="campaign",
    )


@contextmanager
def _bench(people: int) -> Iterator[Bench]:
    here = Path(__file__).parent
    ground = _ground.prepare(
        f"reply_under_campaign_{people}",
        builder="benchmarks.reply_under_campaign.world",
        sources=[here / "world.py", here / "constants.py", *_ground.PEOPLE],
        words=[str(people)],
    )
    pool = [pool_number_of(i) for i in range(POOL)]
    rented = {ACME_SID: ["+15105550101", *pool], GLOBEX_SID: ["+15105550201"]}
    with ExitStack() as end:
        carrier = Carrier("reply-carrier", rented, ground.environment)
        end.callback(carrier.stop)
        environment = ground.environment | {"TWILIO_BASE_URL": carrier.address}
        database = end.enter_context(ground.connect())
        traffic = Traffic(database)
        traffic.empty(concurrency=CONCURRENCY)
        worker = Worker("reply-worker", environment)
        end.callback(worker.stop)
        module = ["-m", "benchmarks._start", "benchmarks.reply_under_campaign.recruiters"]
        recruiters = Program("reply-recruiters", module, environment)
        end.callback(recruiters.stop)
        wait_until_listening([worker], database)
        worker.rest(database)
        yield Bench(carrier, traffic, worker, recruiters)


def _told(each: Measured) -> str:
    return (
        f"p95 {each.p(SAME, 0.95):.0f} and {each.p(OTHER, 0.95):.0f} ms"
        f" ({each.campaign_per_second:,.0f} others/s)"
    )


def _metric(rounds: Sequence[dict[str, Measured]], customer: str) -> Metric:
    busy, idle = (
        median(done[side].p(customer, 0.95) for done in rounds) for side in ("campaign", "idle")
    )
    whose = "the campaign's" if customer == SAME else "another"
    # At most 3 and 1.5 times as slow.
    name = f"p95, {whose} customer"
    return Metric(name, "ms", busy, idle, idle / busy, 0.33, 0.67)
