"""Running many schedules in this process, on one database."""

import gc
import json
import os
from collections import Counter
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.storm.machine import repeating
from tests.storm.machine import world as ground
from tests.storm.machine.comparing import Tools
from tests.storm.machine.hands import Hands
from tests.storm.machine.hooking import Post
from tests.storm.machine.launching import Failed
from tests.storm.machine.looking import Eyes
from tests.storm.machine.machine import Machine
from tests.storm.machine.schedule import Schedule
from tests.storm.machine.shrinking import Steps, shrink
from textengage import invariants
from textengage.lib import clock
from textengage.lib.scoping import across_customers

CHUNK: Final = 100
"""Schedules per seed: a failure is found again by running one chunk."""
LENGTHS: Final = (10, 13, 16, 20, 25)
"""Steps of a schedule, by chunk."""


def work(count: int, first_seed: int) -> Counter[str]:
    """Run schedules in this process, on the database that DATABASE_URL names."""
    with across_customers():
        repeating.make_ids_repeat()
        # What is loaded stays; schedules make little that refers to itself.
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        Machine.tools = tools()
        chunk = 0
        while Machine.count < count:
            _run_chunk(first_seed + chunk, min(CHUNK, count - Machine.count), LENGTHS[chunk % 5])
            chunk += 1
        ground.stand_still(clock.now())
        report = invariants.inspect()
        broken = {each.code: found.ids for each, found in report.findings.items() if found.count}
        if broken:
            raise Failed(
                f"FAILED invariants: {broken}\nafter {Machine.count} schedules, over all of them"
            )
    return Counter({"interleavings": Machine.count}) + Machine.ran


def tools() -> Tools:
    """Everything a schedule needs, on the database that DATABASE_URL names."""
    world = ground.find()
    url = os.environ["DATABASE_URL"]
    return Tools(world, Eyes(url, [each.id for each in world.people]), Hands(url), Post())


def _run_chunk(number: int, count: int, length: int) -> None:
    Machine.failed.clear()
    try:
        run_state_machine_as_test(
            seed(number)(Machine),
            settings=settings(
                max_examples=count,
                stateful_step_count=length,
                deadline=None,
                database=None,
                print_blob=False,
                report_multiple_bugs=False,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    except BaseException as error:
        if not Machine.failed:
            raise
        raise Failed(_told(number, length)) from error


def _told(number: int, length: int) -> str:
    steps, error = Machine.failed[0]
    if os.environ.get("MACHINE_SHRINKS") != "no":
        steps = shrink(steps, _fails)
    return (
        f"FAILED {error}\n"
        f"after {Machine.count} schedules; seed {number}, {length} steps each. Again, all of it:\n"
        f"  python -m tests.storm.machine --seed {number} --length {length}\n"
        f"or only this:\n  python -m tests.storm.machine --replay '{json.dumps(steps)}'"
    )


def _fails(steps: Steps) -> bool:
    schedule = Schedule(Machine.tools)
    try:
        for name, given in steps:
            schedule.do(name, given)
    except Exception:
        return True
    return False


def replay(steps: Steps) -> None:
    """Run one list of steps. Raises what it raised."""
    with across_customers():
        repeating.make_ids_repeat()
        schedule = Schedule(tools())
        for name, given in steps:
            schedule.do(name, given)
            print(
                name, given, *(f"{t.token} {t.state}," for t in schedule.table.seen.texts.values())
            )


def again(number: int, length: int) -> None:
    """One chunk once more. Raises Failed."""
    with across_customers():
        repeating.make_ids_repeat()
        Machine.tools = tools()
        _run_chunk(number, CHUNK, length)
