"""`python -m tests.storm.machine`: run, work, build or replay."""

import argparse
import json
import os
import subprocess
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.storm.machine import databases, launching, working, world  # noqa: E402 - after the settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.storm.machine")
    parser.add_argument("--count", type=int, default=2_000, help="interleavings")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--length", type=int, help="one chunk of schedules of so many steps")
    parser.add_argument("--replay", metavar="JSON", help="one list of steps")
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.build:
        world.build()
    elif given.work:
        _end(lambda: print(json.dumps(working.work(given.count, given.seed))))
    elif given.replay or given.length:
        _inside(given)
    else:
        _end(lambda: print(json.dumps(launching.timed(given.count, given.seed, given.processes))))


def _inside(given: argparse.Namespace) -> None:
    """Again, on a database of its own."""
    if os.environ.get("MACHINE_INSIDE") != "yes":
        with databases.clones(1) as (url,):
            os.environ["MACHINE_INSIDE"] = "yes"
            done = subprocess.run(
                [sys.executable, "-m", "tests.storm.machine", *sys.argv[1:]],
                env=databases.environment(url), cwd=databases.ROOT, check=False,
            )  # fmt: skip
        sys.exit(done.returncode)
    if given.replay:
        _end(lambda: working.replay(json.loads(given.replay)))
    else:
        _end(lambda: working.again(given.seed, given.length))


def _end(what: object) -> None:
    assert callable(what)
    try:
        what()
        status = 0
    except launching.Failed as failure:
        print(failure)
        status = 1
    sys.stdout.flush()
    # Threads of the hands and the hooks wait for nobody.
    os._exit(status)


if __name__ == "__main__":
    main()
