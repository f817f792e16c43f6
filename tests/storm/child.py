"""`python -m tests.storm.child MODULE WORDS...`: MODULE.main(WORDS), dying with its parent."""

import ctypes
import importlib
import os
import signal
import sys

import django

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """On Linux: SIGKILL when the thread that started this process ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    die_with_parent()
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        django.setup()
    importlib.import_module(sys.argv[1]).main(sys.argv[2:])


if __name__ == "__main__":
    main()
