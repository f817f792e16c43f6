"""`manage.py bench pace`: does every number use its allowance, and never more?"""

import json
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import _ground, _numbers
from benchmarks._benchmark import Benchmark, BenchmarkFailed, Result, Say
from benchmarks._carrier import Carrier
from benchmarks._programs import Program, Worker, wait_until_listening
from benchmarks._traffic import Texts, Traffic
from benchmarks.pace.figures import Measured, measure, metrics, told
from benchmarks.pace.numbers import MOST, allowance_of, number_of, segments_of
from textengage.cast import ACME_SID

WORKERS: Final = 2
FEW, MANY = 5_000, 40_000
"""People in the database: each gets at most one text in a round."""
LONGEST_TEXT: Final = 3.0
"""Seconds: three segments at one a second."""
SPARE: Final = 1.5
"""Times as many texts as may be sent, so that no number runs out."""
CONCURRENCY: Final = 400
"""Requests in flight of the account: not what is measured."""


@dataclass(frozen=True, slots=True)
class Sizes:
    rounds: int
    numbers: int
    seconds: float
    baseline_seconds: float


QUICK, WHOLE = Sizes(1, 200, 14.0, 11.5), Sizes(3, MOST, 30.0, 15.0)


class Pace(Benchmark):
    code = "pace"
    title = "sent of allowed, per number and ten seconds, measured at the carrier"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--numbers", type=int, metavar="N", help=f"at most {MOST}")
        parser.add_argument("--seconds", type=float, metavar="S", help="of a round")

    def run(self, options: Namespace, say: Say) -> Result:
        sizes = QUICK if options.quick else WHOLE
        numbers = min(options.numbers or sizes.numbers, MOST)
        seconds = options.seconds or sizes.seconds
        with _bench(numbers, _people(numbers, seconds)) as bench:
            bench.warm_up()
            rounds = []
            for number in range(1, sizes.rounds + 1):
                done = {
                    "ours": bench.ours(seconds),
                    "baseline": bench.baseline(sizes.baseline_seconds),
                }
                say(f"round {number}: " + "   ".join(f"{k} {told(v)}" for k, v in done.items()))
                rounds.append(done)
        as_json = [{name: each.as_json() for name, each in done.items()} for done in rounds]
        return Result(self.code, metrics(rounds), as_json)


PACE = Pace()


@dataclass(frozen=True, slots=True)
class Bench:
    carrier: Carrier
    traffic: Traffic
    workers: Sequence[Worker]
    environment: dict[str, str]
    numbers: int

    def warm_up(self) -> None:
        """A text from every number, and the time it takes to be allowed the next one."""
        self._begin(0)
        self.traffic.wait(self.traffic.is_sent, "texts were not sent")
        time.sleep(LONGEST_TEXT)
        self._rest()

    def ours(self, seconds: float) -> Measured:
        """The product's workers with more to send than they may."""
        self._begin(seconds)
        time.sleep(seconds)
        ended = time.time()
        self._rest()
        return self._measured(ended)

    def baseline(self, seconds: float) -> Measured:
        """So many processes with a rate limit each."""
        self.carrier.forget()
        limit = sum(map(allowance_of, range(self.numbers))) / WORKERS
        module = ["-m", "benchmarks._start", "benchmarks.pace.baseline"]
        texts = list(_in_turn(self.numbers, int(1.2 * limit * WORKERS * seconds / 2)))
        with ExitStack() as end:
            processes = []
            for place in range(WORKERS):
                words = [*module, self.carrier.address, str(limit)]
                process = Program(f"pace-baseline-{place}", words, self.environment)
                end.callback(process.stop)
                process.say(json.dumps(texts[place::WORKERS]))
                processes.append(process)
            for process in processes:
                process.hear()
            for process in processes:
                process.say("go")
            time.sleep(seconds)
            ended = time.time()
        return self._measured(ended)

    def _begin(self, seconds: float) -> None:
        self.traffic.empty(concurrency=CONCURRENCY)
        self.carrier.forget()
        for worker in self.workers:
            worker.wake()
        self.traffic.queue(self._texts(seconds))

    def _rest(self) -> None:
        self.traffic.withdraw()
        for worker in self.workers:
            worker.rest(self.traffic.database)

    def _texts(self, seconds: float) -> Texts:
        """From each number in turn, more than it may send; of one to three segments."""
        each = f"ceil(s.segments_per_second * {seconds * SPARE / 2})::int + 1"
        return Texts(f"""
            SELECT place, customer_id, place AS n, sender_id, segments,
                'p' || place AS label
            FROM (SELECT row_number() OVER (ORDER BY turn, s.address)::int AS place,
                      s.customer_id, s.id AS sender_id,
                      1 + (turn + right(s.address, 3)::int) % 3 AS segments
                  FROM messaging_sender s, generate_series(1, {each}) turn
                  WHERE s.state = 'active' AND s.address LIKE '%5559%'
                  ORDER BY turn, s.address) t
        """)  # noqa: S608 - numbers of ours

    def _measured(self, ended: float) -> Measured:
        texts = self.carrier.accepted()
        if any(times > 1 for times in Counter(text.token for text in texts).values()):
            raise BenchmarkFailed("The carrier got a text twice.")
        if not texts:
            raise BenchmarkFailed(f"The carrier got nothing:\n{self.workers[0].why()}")
        return measure(texts, self.numbers, ended)


def _people(numbers: int, seconds: float) -> int:
    """How many there must be. Raises BenchmarkFailed when there cannot be as many."""
    texts = sum(allowance_of(i) * seconds * SPARE / 2 + 2 for i in range(numbers))
    if texts > MANY:
        raise BenchmarkFailed(f"{texts:,.0f} texts are too many: fewer numbers or seconds.")
    return FEW if texts <= FEW else MANY


def _in_turn(numbers: int, count: int) -> Iterator[tuple[str, str, str, int]]:
    """Sender, recipient, body and segments of texts, every number in its turn."""
    for place in range(count):
        segments = segments_of(place)
        body = "Please bring what you were asked for. " * 4 * (segments - 1)
        yield (
            number_of(place % numbers),
            _numbers.person(place + 1),
            (f"{body}Hi Dana, can you start on Monday? p{place}"),
            segments,
        )


@contextmanager
def _bench(numbers: int, people: int) -> Iterator[Bench]:
    here = Path(__file__).parent
    ground = _ground.prepare(
        f"pace_{people}",
        builder="benchmarks.pace.world",
        sources=[here / "world.py", here / "numbers.py", *_ground.PEOPLE],
        words=[str(people)],
    )
    rented = {ACME_SID: [number_of(i) for i in range(MOST)]}
    with ExitStack() as end:
        carrier = Carrier("pace-carrier", rented, ground.environment)
        end.callback(carrier.stop)
        database = end.enter_context(ground.connect())
        traffic = Traffic(database)
        traffic.empty(concurrency=CONCURRENCY)
        database.execute(
            "UPDATE messaging_sender SET state = CASE WHEN address = ANY(%s) THEN 'active'"
            " ELSE 'released' END WHERE address LIKE '%%5559%%'",
            [[number_of(i) for i in range(numbers)]],
        )
        environment = ground.environment | {"TWILIO_BASE_URL": carrier.address}
        workers = []
        for place in range(WORKERS):
            worker = Worker(f"pace-worker-{place}", environment)
            end.callback(worker.stop)
            workers.append(worker)
        wait_until_listening(workers, database)
        for worker in workers:
            worker.rest(database)
        yield Bench(carrier, traffic, workers, environment, numbers)
