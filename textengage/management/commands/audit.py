"""`manage.py audit`: runs the invariants over the whole database."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from textengage import invariants
from textengage.invariants import Report


class Command(BaseCommand):
    help = (
        "Runs the invariants over the whole database and changes nothing. Exit status 1: one"
        " is violated. 2: one had no rows to look at, so nothing was shown about it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="end with one line that is a JSON document"
        )
        parser.add_argument(
            "--allow-not-shown",
            default="",
            metavar="CODES",
            help="invariants that may have nothing to look at, such as C5,P1",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        allowed = _codes(options["allow_not_shown"])
        report = invariants.inspect()
        self._write_table(report)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        if report.violations:
            sys.exit(1)
        if set(report.not_shown) - allowed:
            sys.exit(2)

    def _write_table(self, report: Report) -> None:
        self.stdout.write("code   examined  violations  meaning")
        for each, found in report.findings.items():
            self.stdout.write(
                f"{each.code:<4} {found.examined:>10,}  {found.count:>10,}  {each.meaning}"
            )
            if found.count:
                more = " ..." if found.count > len(found.ids) else ""
                self.stdout.write(f"{'':29}{', '.join(found.ids)}{more}")
        self.stdout.write(
            f"{len(report.findings)} invariants, {report.examined:,} rows examined,"
            f" {report.violations:,} violations."
        )
        for code, part in invariants.AWAITED.items():
            self.stdout.write(f"{code} waits for a part that is not built yet: {part}.")
        if report.not_shown:
            self.stdout.write(f"Not shown, nothing to look at: {', '.join(report.not_shown)}.")


def _codes(text: str) -> set[str]:
    """Codes from a list with commas. Raises CommandError for one that does not exist."""
    codes = {code.strip() for code in text.split(",") if code.strip()}
    unknown = codes - {each.code for each in invariants.all_invariants()}
    if unknown:
        raise CommandError(f"There is no invariant {', '.join(sorted(unknown))}.")
    return codes
