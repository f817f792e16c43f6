"""`python -m tests.storm.proofs NAME`: exit status 0 only if something was examined and held."""

import subprocess
import sys
import time

from tests.storm import ground
from tests.storm.proofs.options import Options, parse


def launch(options: Options) -> int:
    """The proof's exit status. Its last line on standard output is JSON."""
    home = ground.var() / "proofs"
    try:
        with ground.alone(home):
            began = time.monotonic()
            server, environment = ground.prepare(home)
            print(f"The ground took {time.monotonic() - began:.1f} s.", file=sys.stderr, flush=True)
            try:
                return _run(environment | {"LOG_LEVEL": "CRITICAL"}, options)
            finally:
                server.release()
    except ground.GroundFailed as failed:
        print(failed, file=sys.stderr)
        return 1


def _run(environment: dict[str, str], options: Options) -> int:
    words = ["-m", "tests.storm.child", "tests.storm.proofs.run", *options.words()]
    with subprocess.Popen([sys.executable, *words], env=environment, cwd=ground.ROOT) as proof:
        while True:
            try:
                return proof.wait()
            except KeyboardInterrupt:
                continue  # it was told as well, and cleans up


if __name__ == "__main__":
    sys.exit(launch(parse(sys.argv[1:])))
