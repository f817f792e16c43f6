"""`manage.py bench dispatch`: throughput, CPU and memory of sending, both sides in one run."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import _ground
from benchmarks._benchmark import Benchmark, Result, Say
from benchmarks._ground import ROOT
from benchmarks.dispatch.carrier import Carrier
from benchmarks.dispatch.figures import Figures, Round
from benchmarks.dispatch.rows import Rows
from benchmarks.dispatch.run import Bench
from benchmarks.dispatch.sides import Baseline, Ours, Side

AT_ONCE: Final = 100
"""Requests in flight that a provider usually allows an account."""
FEW, MANY = 4, 8
"""Processes of the baseline: without latency, and for memory and with latency."""
WARM_UP: Final = 48


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is sent in how many rounds."""

    rounds: int
    ours: int
    baseline: int


SIZES: Final = {
    # (quick, with latency): there it takes long runs for the first and the last answer to
    # weigh little.
    (True, False): Sizes(rounds=3, ours=2_500, baseline=120),
    (False, False): Sizes(rounds=5, ours=20_000, baseline=1_000),
    (True, True): Sizes(rounds=3, ours=4_000, baseline=64),
    (False, True): Sizes(rounds=5, ours=20_000, baseline=400),
}


class Dispatch(Benchmark):
    code = "dispatch"
    title = "texts sent through the pump, beside one Celery task per text"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--latency", type=int, default=0, metavar="MS", help="the carrier waits before it looks"
        )
        parser.add_argument(
            "--in-flight", type=int, default=AT_ONCE, metavar="K", help="requests at once"
        )

    def run(self, options: Namespace, say: Say) -> Result:
        slow = options.latency > 0
        sizes = SIZES[options.quick, slow]
        with _bench(options.latency, options.in_flight) as (bench, environment), ExitStack() as end:
            crowd = 0.0 if slow else _memory_of_many(bench, environment)
            sides = _start(bench, environment, MANY if slow else FEW, end)
            for side in sides:
                bench.measure(side, texts=WARM_UP, label="warm-up-")
            rounds = list(_rounds(bench, sides, sizes, say))
        figures = Figures(rounds)
        possible = options.in_flight * 1000 / options.latency if slow else 0.0
        metrics, beside = figures.over_latency(possible) if slow else figures.at_once(crowd)
        as_json = [{name: each.as_json() for name, each in done.items()} for done in rounds]
        return Result(self.code, metrics, as_json, beside)


DISPATCH = Dispatch()


@contextmanager
def _bench(latency_ms: int, in_flight: int) -> Iterator[tuple[Bench, dict[str, str]]]:
    here = Path(__file__).parent
    ground = _ground.prepare(
        "dispatch",
        builder="benchmarks.dispatch.world",
        sources=[here / "world.py", here / "constants.py", ROOT / "textengage" / "cast.py"],
    )
    carrier = Carrier(ground.environment)
    try:
        with ground.connect() as connection:
            bench = Bench(ground, carrier, Rows(connection), in_flight, latency_ms)
            yield bench, ground.environment | {"TWILIO_BASE_URL": carrier.address}
    finally:
        carrier.stop()


def _start(
    bench: Bench, environment: dict[str, str], processes: int, end: ExitStack
) -> tuple[Side, ...]:
    """All workers, started together; each is stopped at the end."""
    bench.rows.empty(concurrency=bench.concurrency)
    ours = Ours(environment)
    end.callback(ours.stop)
    naive = Baseline("baseline", environment, processes=processes, keeps_connection=False)
    end.callback(naive.stop)
    tuned = Baseline("tuned", environment, processes=processes, keeps_connection=True)
    end.callback(tuned.stop)
    ours.wait_until_listening(bench.rows)
    ours.rest(bench.rows)
    return ours, naive, tuned


def _memory_of_many(bench: Bench, environment: dict[str, str]) -> float:
    """Megabytes of the baseline with eight processes that have all sent something."""
    crowd = Baseline("crowd", environment, processes=MANY, keeps_connection=False)
    try:
        return bench.measure(crowd, texts=WARM_UP, label="crowd-").megabytes
    finally:
        crowd.stop()


def _rounds(bench: Bench, sides: tuple[Side, ...], sizes: Sizes, say: Say) -> Iterator[Round]:
    for number in range(1, sizes.rounds + 1):
        done = {
            side.name: bench.measure(
                side,
                texts=sizes.ours if isinstance(side, Ours) else sizes.baseline,
                label=f"{side.name}-{number}-",
            )
            for side in sides
        }
        figures = "   ".join(
            f"{name} {each.per_second:,.0f}/s {each.cpu_ms:.2f} ms" for name, each in done.items()
        )
        say(f"round {number}: {figures}")
        yield done
