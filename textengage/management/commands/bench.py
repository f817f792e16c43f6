"""`manage.py bench NAME`: one benchmark of ours beside a baseline, in one run."""

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from benchmarks._benchmark import Benchmark, BenchmarkFailed
from textengage.lib.registry import discover


class Command(BaseCommand):
    help = (
        "Measures the product beside the usual way of doing it and prints the ratios. Works on"
        " a database of its own below var/bench. Fails when a side loses or doubles anything,"
        " never for being slow."
    )
    requires_system_checks: list[str] = []  # the programs it starts check themselves

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
        for code, benchmark in sorted(_benchmarks().items()):
            own = names.add_parser(code, help=benchmark.title)
            own.add_argument("--quick", action="store_true", help="under 45 s")
            own.add_argument("--json", action="store_true", help="end with one line of JSON")
            benchmark.add_arguments(own)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = _benchmarks()[options["name"]].run(Namespace(**options), self.stdout.write)
        except BenchmarkFailed as failed:
            raise CommandError(str(failed)) from None
        for line in result.table():
            self.stdout.write(line)
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json()))


def _benchmarks() -> dict[str, Benchmark]:
    # mypy wants a concrete class where type[T] stands; discovery only asks isinstance.
    return discover("benchmarks", Benchmark)  # type: ignore[type-abstract]
