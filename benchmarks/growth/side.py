"""One database of so many texts with its worker and its pages; all rest but one."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import _ground, _processes
from benchmarks._benchmark import BenchmarkFailed
from benchmarks._carrier import Carrier
from benchmarks._ground import Ground
from benchmarks._programs import Program, Worker, count, wait_until_listening
from benchmarks._traffic import WITHDRAWN, Texts, Traffic
from benchmarks.growth.constants import THREADS
from textengage.cast import ACME_SID

CONCURRENCY: Final = 100
PATIENCE: Final = 120.0
PAGE_SECONDS: Final = 1.0
"""For which one page is drawn again and again at most."""
AS_BEFORE: Final = (
    "UPDATE messaging_conversation c SET "  # noqa: S608 - words of ours
    + ", ".join(f"{column} = {value}" for column, value in THREADS.items())
    + " FROM bench.person p JOIN bench.conversation t USING (customer_id)"
    + " WHERE p.conversation_id = c.id AND p.n <= %s"
    + f" AND c.last_message_at IS DISTINCT FROM {THREADS['last_message_at']}"
)
UNSENT: Final = """
SELECT (SELECT count(*) FROM messaging_message WHERE state = 'queued')
    + (SELECT count(*) FROM messaging_message WHERE state IN ('claimed', 'sending', 'uncertain'))
"""


@dataclass(frozen=True, slots=True)
class Side:
    size: int
    ground: Ground
    carrier: Carrier
    traffic: Traffic
    worker: Worker
    pages: Program

    def send(self, queued: int) -> float:
        """CPU milliseconds per text, Python and PostgreSQL, from the first to the last.

        Raises BenchmarkFailed if a text is lost, doubled or miscounted.
        """
        return self._sent(queued, 0, queued)

    def send_some(self, queued: int, first: int, last: int) -> float:
        """As `send`, of those after the first so many: as much is in flight then as later."""
        return self._sent(queued, first, last)

    def _sent(self, queued: int, first: int, last: int) -> float:
        self.carrier.forget()
        self.worker.wake()
        self.traffic.queue(_texts(queued))
        after_first, before = self._wait(queued, first)
        after_last, after = self._wait(queued, last)
        # Rows that the worker is writing would be locked in another order than it does.
        self.worker.rest(self.traffic.database)
        self.traffic.database.execute(WITHDRAWN)
        self.worker.wake()
        self.traffic.withdraw()
        self.worker.rest(self.traffic.database)
        self._check()
        self._forget(queued)
        return (after - before) * 1000 / (after_last - after_first)

    def _wait(self, queued: int, number: int) -> tuple[int, float]:
        """How many are sent, at least so many, and the CPU used until then."""
        until = time.monotonic() + PATIENCE
        while (sent := queued - count(self.traffic.database, UNSENT)) < number:
            if time.monotonic() > until:
                raise BenchmarkFailed(f"Of {queued} only {sent} were sent:\n{self.worker.why()}")
            time.sleep(0.02)
        return sent, self._cpu(self.worker)

    def draw(self, place: int, times: int) -> float:
        """CPU milliseconds per drawing of one of SHOWN, Python and PostgreSQL."""
        self.pages.say(f"{place} {times} {PAGE_SECONDS}")
        drawn, cpu = self.pages.hear().split()
        return float(cpu) * 1000 / int(drawn)

    def _cpu(self, program: Program) -> float:
        return _processes.cpu_seconds(program.pid) + self._postgres()

    def _postgres(self) -> float:
        return _processes.cpu_seconds(self.ground.server, without={self.traffic.backend})

    def _check(self) -> None:
        texts = self.carrier.accepted()
        tokens = {text.token for text in texts}
        if len(tokens) < len(texts):
            raise BenchmarkFailed(f"{len(texts) - len(tokens)} texts were sent twice.")
        self.traffic.check(len(texts))

    def _forget(self, people: int) -> None:
        self.traffic.database.execute(AS_BEFORE, [people])
        self.traffic.forget(concurrency=CONCURRENCY)


def _texts(queued: int) -> Texts:
    return Texts(
        f"""
        SELECT n AS place, customer_id, n, NULL::uuid AS sender_id, 1 AS segments,
            'g' || n AS label
        FROM bench.person WHERE n <= {queued}
        """  # noqa: S608 - a number of ours
    )


@contextmanager
def side_of(size: int) -> Iterator[Side]:
    """A database with so many old texts, built the first time."""
    here = Path(__file__).parent
    ground = _ground.prepare(
        f"growth_{size}",
        builder="benchmarks.growth.world",
        sources=[here / "world.py", here / "constants.py", *_ground.PEOPLE],
        words=[str(size)],
    )
    with ExitStack() as end:
        carrier = Carrier(
            f"growth-carrier-{size}", {ACME_SID: ["+15105550101"]}, ground.environment
        )
        end.callback(carrier.stop)
        environment = ground.environment | {"TWILIO_BASE_URL": carrier.address}
        database = end.enter_context(ground.connect())
        traffic = Traffic(database)
        traffic.forget(concurrency=CONCURRENCY)
        worker = Worker(f"growth-worker-{size}", environment)
        end.callback(worker.stop)
        module = ["-m", "benchmarks._start", "benchmarks.growth.pages"]
        pages = Program(f"growth-pages-{size}", module, environment)
        end.callback(pages.stop)
        wait_until_listening([worker], database)
        worker.rest(database)
        yield Side(size, ground, carrier, traffic, worker, pages)
