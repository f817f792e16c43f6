"""`manage.py demo`: everything, seeded, in one command. `make demo` is the short way."""

import hashlib
import io
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from textengage.demo import options
from textengage.demo.lock import Stopped
from textengage.demo.reset import reset
from textengage.demo.supervisor import supervise


class Command(BaseCommand):
    help = "Runs pages, worker, beat, database and a simulated carrier until Ctrl-C."
    requires_system_checks: list[str] = []  # the programs it starts check themselves

    def add_arguments(self, parser: ArgumentParser) -> None:
        options.add_arguments(parser)
        parser.add_argument(
            "--prepare",
            type=Path,
            metavar="FILE",
            help="only migrate, seed and collect static files; sign-ins go to the file",
        )

    def handle(self, *args: Any, **given: Any) -> None:
        if given["prepare"]:
            self._prepare(given["prepare"])
            return
        plan = options.plan(given["host"], given["port"])
        try:
            if given["reset"]:
                reset(plan)
            else:
                supervise(plan)
        except Stopped as stopped:
            if stopped.reason:
                raise CommandError(stopped.reason) from None

    def _prepare(self, sign_ins: Path) -> None:
        call_command("migrate", interactive=False, verbosity=1)
        _collect_static()
        lines = io.StringIO()
        call_command("seed", stdout=lines)
        sign_ins.touch(mode=0o600)
        sign_ins.write_text(lines.getvalue(), encoding="utf-8")


def _collect_static() -> None:
    """Only when a source file changed; uncompressed, which here saves 20 s and costs nothing."""
    stamp = Path(settings.STATIC_ROOT).with_suffix(".stamp")
    current = hashlib.sha256("".join(sorted(_static_files())).encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == current:
        return
    command = collectstatic.Command()
    command.storage = ManifestStaticFilesStorage()
    call_command(command, interactive=False, clear=True, verbosity=1)
    stamp.write_text(current, encoding="ascii")


def _static_files() -> Iterator[str]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}\n"
