"""`python -m tests.storm.planted`: is every planted bug found, and no harmless edit?

A copy of the tree gets one bug at a time; unit tests are off. Ends with status 1 unless all
bugs and none of the harmless edits are found.
"""

import argparse
import json
import signal
import sys

from tests.storm.planted.finding import Effort
from tests.storm.planted.planting import PLANTS, Result, plant_all


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.storm.planted", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", help="this plant; repeatable")
    parser.add_argument("--list", action="store_true", help="name the plants and end")
    parser.add_argument("--interleavings", type=int, default=600, help="of the machine, each")
    parser.add_argument("--schedules", type=int, default=20, help="of the storm, if it needs to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="the last line says all of it")
    given = parser.parse_args()
    plants = [each for each in PLANTS if not given.only or each.name in given.only]
    if given.list or not plants:
        print("\n".join(f"{each.name}: {each.title}" for each in PLANTS))
        return 0 if given.list else 2
    results = plant_all(plants, Effort(given.interleavings, given.schedules, given.seed), say=_say)
    print(json.dumps(summary(results, in_full=given.json)))
    return 0 if all(result.is_right for result in results) else 1


def summary(results: list[Result], *, in_full: bool) -> dict[str, object]:
    bugs = [each for each in results if not each.plant.is_harmless]
    harmless = [each for each in results if each.plant.is_harmless]
    counts: dict[str, object] = {
        "planted": len(bugs),
        "found": sum(each.look.found for each in bugs),
        "harmless": len(harmless),
        "harmless_found": sum(each.look.found for each in harmless),
    }
    return {"plants": [each.as_json() for each in results], **counts} if in_full else counts


def _say(result: Result) -> None:
    seen = result.look
    how = f"found by the {seen.by} after {seen.after}" if seen.found else f"not found {seen.said}"
    mark = "ok" if result.is_right else "WRONG"
    print(f"{mark} {result.plant.name}: {how} ({seen.seconds} s) {seen.said}", flush=True)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Told to end, it ends what it started.
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())
