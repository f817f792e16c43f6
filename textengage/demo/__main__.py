"""`python -m textengage.demo`: see supervisor.py. Needs no settings, so it can make them first."""

import sys

from textengage.demo.lock import Stopped
from textengage.demo.options import parse
from textengage.demo.reset import reset
from textengage.demo.supervisor import supervise


def main(arguments: list[str] | None = None) -> int:
    plan = parse(arguments)
    try:
        return reset(plan) if plan.reset else supervise(plan)
    except Stopped as stopped:
        if stopped.reason:
            print(stopped.reason, file=sys.stderr)
        return 1 if stopped.reason else 0


if __name__ == "__main__":
    sys.exit(main())
