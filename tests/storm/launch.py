"""From the command to the storm: the ground is prepared, then a process of its own begins."""

import subprocess
import sys
import time

from tests.storm import ground
from tests.storm.options import Options


def launch(options: Options) -> int:
    """The storm's exit status. Its last line on standard output is JSON."""
    home = ground.var()
    try:
        with ground.alone(home):
            began = time.monotonic()
            server, environment = ground.prepare(home)
            print(f"The ground took {time.monotonic() - began:.1f} s.", file=sys.stderr, flush=True)
            try:
                return _run(environment, options)
            finally:
                server.release()
    except ground.GroundFailed as failed:
        print(failed, file=sys.stderr)
        return 1


def _run(environment: dict[str, str], options: Options) -> int:
    words = ["-m", "tests.storm.child", "tests.storm.run", *options.words()]
    # The harness asks for trouble; its own log would only repeat what the verdict says.
    quiet = environment | {"LOG_LEVEL": "CRITICAL"}
    with subprocess.Popen([sys.executable, *words], env=quiet, cwd=ground.ROOT) as storm:
        while True:
            try:
                return storm.wait()
            except KeyboardInterrupt:
                continue  # it was told as well, and cleans up
