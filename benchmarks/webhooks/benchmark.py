"""`manage.py bench webhooks`: callbacks a second and what each costs, then a burst."""

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import _ground, _processes
from benchmarks._benchmark import Benchmark, BenchmarkFailed, Result, Say
from benchmarks._ground import Ground
from benchmarks._programs import Program, Web, free_port
from benchmarks.webhooks.figures import Measured, medians, metrics
from benchmarks.webhooks.load import Plan
from benchmarks.webhooks.requests import PEOPLE, Callbacks
from benchmarks.webhooks.rows import Rows

CONNECTIONS: Final = 100
"""Kept alive by the carrier at once."""
BURST: Final = 2_000
"""Callbacks a second."""
FASTEST: Final = 8_000
"""Callbacks a second that are prepared for our side: more than it takes."""
POOL: Final = "10"
"""Database connections of a Django side."""
OURS: Final = "ours"
PRODUCT: Final = ("textengage.asgi:application",)
DJANGO: Final = ("--factory", "django.core.asgi:get_asgi_application")
PLAIN: Final = {"DJANGO_SETTINGS_MODULE": "benchmarks._plain_settings"}


@dataclass(frozen=True, slots=True)
class Sizes:
    rounds: int
    seconds: float
    burst_seconds: int


QUICK, WHOLE = Sizes(3, 1.5, 4), Sizes(5, 4.0, 10)


@dataclass(frozen=True, slots=True)
class Bench:
    ground: Ground
    rows: Rows
    load: Program
    sides: Mapping[str, Web]

    def measure(self, name: str, label: str, *, seconds: float, rate: float = 0.0) -> Measured:
        """Raises BenchmarkFailed if a callback answered with success is not stored."""
        side = self.sides[name]
        url, account = f"http://127.0.0.1:{side.port}", self.rows.account_id
        most = FASTEST if name == OURS else FASTEST // 8
        count = int((rate or most) * seconds)
        self.rows.empty(min(PEOPLE, count // 2 + 1))
        plan = Plan(side.port, url, account, label, CONNECTIONS, count, seconds, rate)
        self.load.say(plan.as_json())
        if self.load.hear() != "ready":
            raise BenchmarkFailed("The load is out of step.")
        python, postgres = self._cpu(side)
        self.load.say("go")
        done = json.loads(self.load.hear())
        python_after, postgres_after = self._cpu(side)
        unsure = {*done["failed"], *done["unanswered"]}
        if len(unsure) > done["sent"] / 10 and not rate:
            raise BenchmarkFailed(f"{side.name} answered {done['statuses']}:\n{side.why()}")
        stored = self.rows.check(Callbacks(url, account, label), done["sent"], unsure)
        return Measured(
            answered=done["sent"] - len(unsure),
            seconds=done["seconds"],
            python_seconds=python_after - python,
            postgres_seconds=postgres_after - postgres,
            load_seconds=done["cpu_seconds"],
            p50=done["p50"],
            p99=done["p99"],
            stored=stored,
            sent=done["sent"],
        )

    def _cpu(self, side: Web) -> tuple[float, float]:
        own = self.rows.database.info.backend_pid
        server = _processes.cpu_seconds(self.ground.server, without={own})
        return _processes.cpu_seconds(side.pid), server


class Webhooks(Benchmark):
    code = "webhooks"
    title = "callbacks stored ahead of Django, beside an ORM view that does everything"

    def run(self, options: Namespace, say: Say) -> Result:
        sizes = QUICK if options.quick else WHOLE
        with _bench() as bench:
            for name in bench.sides:
                bench.measure(name, "0", seconds=0.3)
            rounds = [_round(bench, sizes, number, say) for number in range(1, sizes.rounds + 1)]
            burst = bench.measure(OURS, "b", seconds=sizes.burst_seconds, rate=float(BURST))
            say(
                f"burst of {BURST:,}/s for {sizes.burst_seconds} s: {burst.stored:,} stored of"
                f" {burst.sent:,}, answered in {burst.p50:.1f} ms, p99 {burst.p99:.1f} ms"
            )
        as_json = [{name: each.as_json() for name, each in done.items()} for done in rounds]
        return Result(
            self.code,
            metrics(rounds, burst),
            [*as_json, {"burst": burst.as_json()}],
            {"store only": [*medians(rounds, "store only"), burst.sent]},
        )


WEBHOOKS = Webhooks()


@contextmanager
def _bench() -> Iterator[Bench]:
    here = Path(__file__).parent
    ground = _ground.prepare(
        "webhooks",
        builder="benchmarks.webhooks.world",
        sources=[here / "world.py", here / "requests.py", *_ground.PEOPLE],
    )
    with ExitStack() as end:
        sides = {}
        for name, app, own in (
            (OURS, PRODUCT, {}),
            ("baseline", DJANGO, PLAIN),
            ("store only", DJANGO, PLAIN | {"STORE_ONLY": "1"}),
        ):
            port = free_port()
            environment = ground.environment | own | {
                "DATABASE_POOL": POOL, "PUBLIC_URL": f"http://127.0.0.1:{port}",
            }  # fmt: skip
            sides[name] = Web(f"webhooks-{name.replace(' ', '-')}", app, environment, port)
            end.callback(sides[name].stop)
        module = ["-m", "benchmarks._start", "benchmarks.webhooks.load"]
        load = Program("webhooks-load", module, ground.environment)
        end.callback(load.stop)
        for side in sides.values():
            side.wait_until_answering()
        with ground.connect() as database:
            yield Bench(ground, Rows(database), load, sides)


def _round(bench: Bench, sizes: Sizes, number: int, say: Say) -> dict[str, Measured]:
    done = {name: bench.measure(name, f"{number}", seconds=sizes.seconds) for name in bench.sides}
    figures = "   ".join(
        f"{name} {each.per_second:,.0f}/s {each.cpu_ms:.2f} ms" for name, each in done.items()
    )
    say(f"round {number}: {figures}")
    return done
