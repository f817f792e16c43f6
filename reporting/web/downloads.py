"""File Downloads: what somebody asked for, how far it is, and the files."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts import files
from accounts.models import StoredFile
from accounts.web.base import Request, page
from reporting import catalogue
from reporting.models import Export
from reporting.timeframes import Timeframe
from textengage.lib import clock

PIECE = 1024 * 1024
SHOWN = 50


@page("read_reports")
@require_safe
def downloads(request: Request) -> HttpResponse:
    """The viewer's files, newest first; while one is being made, the list asks again."""
    mine = Export.objects.visible_to(request.viewer).select_related("file", "requested_by")
    now, zone = clock.now(), ZoneInfo(request.viewer.customer.time_zone)
    rows = [
        {
            "export": export,
            "title": catalogue.REPORTS[export.report].title
            if export.report in catalogue.REPORTS
            else export.report,
            "days": Timeframe(export.since, export.until).days(zone),
            "word": export.word_at(now),
        }
        for export in mine.order_by("-requested_at", "-id")[:SHOWN]
    ]
    context = {"rows": rows, "is_waiting": any(row["word"] == "Pending" for row in rows)}
    part = "#list" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"reporting/downloads.html{part}", context)


@page("read_reports")
@require_safe
def download(request: Request, id: UUID) -> HttpResponseBase:
    """The bytes, for their owner while allowed; everything else is absent."""
    mine = Export.objects.visible_to(request.viewer).ready()
    export = get_object_or_404(mine.select_related("file"), id=id)
    if export.file is None or catalogue.find(request.viewer, export.report) is None:
        raise Http404
    path = files.path_of(export.file)
    if not path.is_file():
        raise Http404
    return attachment(request, path, export.file)


def attachment(request: HttpRequest, path: Path, file: StoredFile) -> HttpResponseBase:
    """An answer that the browser saves, read from the disk in pieces."""
    if isinstance(request, ASGIRequest):
        # Django would read a synchronous iterator to its end before the first byte.
        answer: StreamingHttpResponse = StreamingHttpResponse(pieces(path))
    else:
        answer = FileResponse(path.open("rb"))
    answer["Content-Type"] = f"{file.content_type}; charset=utf-8"
    answer["Content-Length"] = str(file.size)
    answer["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


async def pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        read = sync_to_async(file.read, thread_sensitive=False)
        while piece := await read(PIECE):
            yield piece
