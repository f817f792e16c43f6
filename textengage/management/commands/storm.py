"""`manage.py storm`: seeded faults over real processes, judged by the carrier's own log."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tests.storm.launch import launch
from tests.storm.options import Options
from tests.storm.options import add_arguments as add_options


class Command(BaseCommand):
    help = (
        "Sends texts over real processes while faults strike, and looks for one that was lost,"
        " doubled or charged wrongly. Works on a database of its own below var/storm or"
        " STORM_VAR. Fails when anything is found, or when a long run's faults hardly struck."
    )
    requires_system_checks: list[str] = []  # the programs it starts check themselves

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        asked = Options(**{name: options[name] for name in Options.__dataclass_fields__})
        self.stdout.flush()
        sys.exit(launch(asked))
