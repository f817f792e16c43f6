"""`python -m messaging.simulator`"""

import sys

import uvloop

from messaging.simulator.app import run
from messaging.simulator.options import parse


def main() -> int:
    options = parse()
    try:
        uvloop.run(run(options))
    except OSError as error:
        print(f"Cannot listen on {options.host}:{options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
