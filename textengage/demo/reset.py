"""Forgets everything a demo stored."""

import os
import shutil
import sys

from textengage.demo.lock import only_one
from textengage.demo.options import Plan
from textengage.lib.embedded import Server

KEPT = {"tests", "demo.lock"}


def reset(plan: Plan) -> int:
    """Empties the folder of data. Exit code 1 when something still uses it."""
    with only_one(plan):
        server = Server(plan.var / "postgres")
        if not server.wait_until_stopped(seconds=5):
            print("The demo's database is in use by another command.", file=sys.stderr)
            return 1
        server.remove()
        for path in plan.var.iterdir():
            if path.name not in KEPT:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    if os.environ.get("DATABASE_URL"):
        print("The database at DATABASE_URL was left alone: it is yours to empty.")
    return 0
