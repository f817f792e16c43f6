"""`python -m benchmarks._start MODULE WORDS...`: sets Django up, then calls MODULE.main(WORDS)."""

import importlib
import sys

import django


def start(module: str, words: list[str]) -> None:
    django.setup()
    importlib.import_module(module).main(words)


if __name__ == "__main__":
    start(sys.argv[1], sys.argv[2:])
