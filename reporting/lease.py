"""Who makes a file: one maker at a time, whoever tells them and however often."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import models, transaction
from django.db.models import F

from accounts import files
from accounts.models import StoredFile
from reporting.models import Export
from textengage.lib import clock
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import across_customers

LENGTH: Final = timedelta(seconds=60)
KEPT_FOR: Final = timedelta(days=30)


class Overtaken(Exception):
    """The lease ran out and somebody else makes the file now."""


@transaction.atomic
def take(id: UUID) -> Export | None:
    """The export to make, or None when it is made, given up or being made.

    What an earlier run left on the disk is deleted.
    """
    # A task knows an id and no customer yet.
    with across_customers():
        free = Export.objects.unattended().doable().select_for_update(of=("self",))
        export: Export | None = (
            free.select_related("customer", "requested_by").filter(id=id).first()
        )
        if export is None:
            return None
        if export.run:
            left = StoredFile(id=export.run, customer=export.customer)
            files.path_of(left).unlink(missing_ok=True)
        export.run = new_id()
        Export.objects.filter(id=id).update(
            run=export.run,
            leased_until=AppNow() + LENGTH,
            number_of_runs=F("number_of_runs") + 1,
            percent=0,
        )
        return export


def renew(export: Export, percent: int) -> None:
    """Show progress and keep the lease. Raises Overtaken when it is lost."""
    if not _held(export).update(percent=percent, leased_until=AppNow() + LENGTH):
        raise Overtaken


@transaction.atomic
def finish(export: Export, file: StoredFile, number_of_rows: int) -> None:
    """Hand the file over. Raises Overtaken, and then leaves no row."""
    file.size = files.path_of(file).stat().st_size
    file.expires_at = clock.now() + KEPT_FOR
    file.save(force_insert=True)
    if not _held(export).update(
        status=Export.READY,
        percent=100,
        number_of_rows=number_of_rows,
        file=file,
        finished_at=AppNow(),
    ):
        raise Overtaken


def fail(export: Export, sentence: str) -> bool:
    """End an export with a sentence for the person; False when it is no longer ours."""
    return bool(_held(export).update(status=Export.FAILED, error=sentence, finished_at=AppNow()))


def _held(export: Export) -> models.QuerySet[Export]:
    held: models.QuerySet[Export] = Export.objects.filter(
        id=export.id, run=export.run, status=Export.PENDING
    )
    return held
