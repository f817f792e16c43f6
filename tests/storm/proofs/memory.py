"""A worker's memory stays where it is over 200,000 texts.

One worker as the product starts it. Lots of texts to the same people, the tables emptied
and the carrier's log forgotten between lots; a quarter of the lots with receipts.
"""

import time
from pathlib import Path
from typing import Final

from benchmarks import _processes
from messaging.conversations.models import Message
from tests.storm import quiet, world
from tests.storm.place import Place
from tests.storm.proofs import crowd, drain, judging
from tests.storm.proofs.crew import Crew
from tests.storm.proofs.crowd import Crowd
from tests.storm.proofs.findings import Findings
from tests.storm.proofs.level import level_of
from tests.storm.proofs.options import Options

LOTS: Final = 20
WITH_RECEIPTS: Final = 4
"""Every so manieth lot."""
NUMBERS: Final = 4
REST: Final = 1.0
"""Seconds of nothing to do before each look."""


def prove(place: Place, crew: Crew, options: Options, findings: Findings) -> None:
    lot = max(options.texts // LOTS, 1)
    people = crowd.gather(place, lot, numbers=NUMBERS, seconds=0)
    crew.start()
    crowd.rent(people)
    worker = crew.start_plain_worker()
    samples: list[float] = []
    for number in range(LOTS):
        has_receipts = number % WITH_RECEIPTS == WITH_RECEIPTS - 1
        began = time.monotonic()
        _send(people, options.seed + number, has_receipts=has_receipts, findings=findings)
        time.sleep(REST)
        samples.append(_processes.memory_bytes(worker) / 2**20)
        findings.say(
            f"{(number + 1) * lot:>7} texts: {samples[-1]:6.1f} MB (resident {_resident(worker)}),"
            f" {time.monotonic() - began:.1f} s{', receipts' * has_receipts}"
        )
        findings.examined += lot
    level = level_of(samples)
    findings.note(texts=findings.examined, samples_mb=[round(each, 1) for each in samples])
    findings.note(level_mb=round(level.level, 1), rise_percent=round(100 * level.rise, 2))
    if not level.is_flat:
        findings.find(f"the worker's memory rises by {level.rise:.1%} of its level")


def _send(people: Crowd, seed: int, *, has_receipts: bool, findings: Findings) -> None:
    """One lot, from empty tables until nothing moves; exact by token and by ledger."""
    place = people.place
    world.empty(place.rows.connection())
    crowd.ready(people)
    carrier = place.processes.carrier
    carrier.begin(seed=seed, plan={}, moods={})
    carrier.adjust(callbacks=has_receipts)
    traffic = people.traffic(seed)
    people.queue(traffic, kind=Message.CAMPAIGN)
    drain.watch(place, Message.CAMPAIGN, lambda _: True, until_answered=True)
    quiet.wait_until_still(place)
    taken = judging.tokens_taken(carrier.accepted())
    findings.expect("texts at the carrier", taken.total(), people.size)
    findings.expect("tokens at the carrier", taken.keys(), traffic.pressed.keys())
    ((charged,),) = place.rows.ask(judging.CHARGED)
    findings.expect("charged", charged, people.size)
    traffic.close()


def _resident(pid: int) -> str:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return f"{kilobytes / 1024:.1f} MB"
