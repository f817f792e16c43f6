"""Reports as files: asked for, made in the background, kept for 30 days.

The row is the record. The broker only makes it quicker: what it loses, `sweep` makes.
"""

import logging
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from celery import shared_task
from django.db import IntegrityError, transaction

from accounts import audit, files
from accounts.models import StoredFile
from accounts.viewer import Viewer
from reporting import catalogue, lease, sheet
from reporting.base import Chosen, Report
from reporting.models import MOST_RUNS, Export
from reporting.timeframes import Timeframe
from textengage.lib import clock
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.refusal import Refused
from textengage.lib.scoping import across_customers, within

PATIENCE: Final = timedelta(seconds=30)
BROKEN: Final = "The file could not be made. Generate it again."
NOT_ALLOWED: Final = "You can no longer read this report."

logger = logging.getLogger(__name__)


@transaction.atomic
def request(
    report: Report,
    *,
    viewer: Viewer,
    timeframe: Timeframe,
    chosen: Chosen,
    id: UUID | None = None,
) -> Export:
    """Ask for a report as a file. The same id again is the same file, so that a double
    click is harmless.

    Raises Refused("absent") when the id is somebody else's, KeyError for unknown filters.
    """
    report.rows(viewer, timeframe, chosen)
    now = clock.now()
    asked = {
        "report": report.code,
        "since": timeframe.since,
        "until": min(timeframe.until or now, now),
        "filters": dict(chosen),
        "requested_at": now,
    }
    export: Export
    try:
        export, is_new = Export.objects.get_or_create(
            id=id or new_id(), customer=viewer.customer, requested_by=viewer.user, defaults=asked
        )
    except IntegrityError as error:
        raise Refused("absent", "There is no such file.") from error
    if is_new:
        audit.record(
            "export.requested",
            of=viewer.customer,
            by=viewer.user,
            about=export,
            report=report.title,
        )
        transaction.on_commit(partial(publish, export.id))
    return export


def publish(id: UUID) -> None:
    """Tell a worker, and go on whatever happens to the telling."""
    try:
        task.apply_async((str(id),), retry=False)
    except Exception as error:
        # Whatever a broker can raise: the sweep makes the file all the same.
        logger.warning("export %s was not published: %s", id, type(error).__name__)


def make(id: UUID) -> bool:
    """Make the file of one export; returns whether this call made it.

    Safe to repeat and to race: what is made, given up or being made is left alone.
    """
    export = lease.take(id)
    if export is None:
        return False
    file = StoredFile(id=export.run, customer=export.customer, owner=export.requested_by)
    path = files.path_of(file)
    with within(export.customer):
        try:
            lease.finish(export, file, write(export, file))
        except lease.Overtaken:
            path.unlink(missing_ok=True)
            return False
        except Refused as refused:
            lease.fail(export, refused.sentence)
            return False
        except Exception:
            # Of any kind: the person who waits must be told, whatever broke.
            logger.exception("export %s", id)
            if lease.fail(export, BROKEN):
                # There may be none, or no folder for it: that may be what broke.
                with suppress(OSError):
                    path.unlink()
            return False
    return True


def run(id: str) -> None:
    """The task: `make` by the id as the broker carries it."""
    make(UUID(id))


task = shared_task(name="reporting.exports.make", ignore_result=True)(run)


def sweep(limit: int = 10) -> int:
    """Make what has waited for 30 s with nobody making it; returns how many it made.

    It makes them here and now, so it may take minutes. Files past their date go as well.
    """
    # The timetable works for every customer.
    with across_customers():
        stuck = Export.objects.unattended().filter(number_of_runs__gte=MOST_RUNS)
        stuck.update(status=Export.FAILED, error=BROKEN, finished_at=AppNow())
        overdue = Export.objects.unattended().doable().oldest_first()
        ids = overdue.filter(requested_at__lt=AppNow() - PATIENCE).values_list("id", flat=True)
        waiting = list(ids[:limit])
        expire()
    return sum(make(id) for id in waiting)


def expire(limit: int = 100) -> None:
    """Delete files past their date. Bytes first: a row without bytes is found again."""
    over = Export.objects.filter(file__expires_at__lte=AppNow()).select_related("file")
    for export in over.order_by("id")[:limit]:
        if export.file:
            files.path_of(export.file).unlink(missing_ok=True)
            export.file.delete()


def write(export: Export, file: StoredFile) -> int:
    """Write an export's rows and keep its percent current; returns how many.

    Raises Refused when the person may not read the report anymore, and lease.Overtaken.
    """
    viewer = Viewer(export.requested_by, export.customer)
    report = catalogue.find(viewer, export.report) if export.requested_by.is_active else None
    if report is None:
        raise Refused("not_allowed", NOT_ALLOWED)
    timeframe = Timeframe(export.since, export.until)
    expected = report.rows(viewer, timeframe, export.filters).count()

    def written(number_of_rows: int) -> None:
        # The last percent is the handing over.
        lease.renew(export, min(99, 100 * number_of_rows // max(expected, 1)))

    zone = ZoneInfo(export.customer.time_zone)
    file.name = name_of(export, report, zone)
    file.content_type = "text/csv"
    return sheet.write(
        report,
        viewer,
        timeframe,
        export.filters,
        zone=zone,
        to=files.path_of(file),
        written=written,
    )


def name_of(export: Export, report: Report, zone: ZoneInfo) -> str:
    """The name a browser saves the file under, such as messages-2026-03-01-to-2026-03-30.csv."""
    first, last = Timeframe(export.since, export.until).days(zone)
    begins = f"{first}-to-" if first else "until-"
    return f"{report.code}-{begins}{last}.{export.format}"
