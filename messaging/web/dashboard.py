"""The first page: what waits, and whether one can send."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from accounts import roles
from accounts.viewer import Viewer
from accounts.web.base import Request, page
from credits import ledger
from messaging.channels import phone
from messaging.conversations import inbox
from messaging.senders.models import Sender
from messaging.web import emptiness, moments, sentences, showing
from textengage.lib import clock

LONGEST = 5


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    figure: str
    detail: str
    url: str = ""
    tone: str = ""


@require_GET
@page()
def dashboard(request: Request) -> HttpResponse:
    """Four tiles, the five who wait longest, and the account's status."""
    viewer, now = request.viewer, clock.now()
    folder = inbox.FOLDERS["needs-reply"]
    rows = inbox.page(viewer, folder, limit=LONGEST).rows
    context: dict[str, Any] = {
        "tiles": _tiles(viewer),
        "rows": showing.lines(viewer, folder, rows, now),
        "has_more": len(rows) == LONGEST,
        "empty": None if rows else emptiness.of(viewer, folder),
        "role": roles.LABELS[viewer.user.role],
        "numbers": _numbers(viewer),
    }
    if not viewer.is_licensed:
        context["blocked"] = sentences.no_license(viewer)
    elif not context["numbers"]:
        context["blocked"] = sentences.no_number(viewer)
    return render(request, "messaging/dashboard.html", context)


def _tiles(viewer: Viewer) -> list[Tile]:
    now = clock.now()
    counts = inbox.counts(viewer)
    wait = now - counts.longest_since if counts.longest_since else None
    midnight = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    due_today = inbox.scheduled_before(viewer, midnight + timedelta(days=1))
    not_sent = inbox.how_many(viewer, "not-sent")
    left = ledger.available(viewer.customer)
    return [
        Tile(
            "Needs reply",
            f"{counts.needs_reply:,}",
            f"Longest wait {moments.wait(wait)}" if wait else "Nobody waits",
            reverse("inbox", args=["needs-reply"]),
            "stop" if wait and wait > moments.LATE else "",
        ),
        Tile(
            "Scheduled today",
            f"{due_today:,}",
            "Texts of yours that go today",
            reverse("inbox", args=["scheduled"]),
        ),
        Tile(
            "Not sent",
            f"{not_sent:,}",
            "In the last 30 days",
            reverse("inbox", args=["not-sent"]),
            "stop" if not_sent else "",
        ),
        Tile("Contacts left", f"{left:,}", "Monthly contacts", tone="" if left else "stop"),
    ]


@dataclass(frozen=True, slots=True)
class Number:
    shown: str
    whose: str
    state: str
    tone: str


def _numbers(viewer: Viewer) -> list[Number]:
    """The numbers on the viewer's seat, whatever their state, and usable shared ones."""
    if viewer.seat is None:
        return []
    own = Sender.objects.filter(seat=viewer.seat).exclude(state=Sender.RELEASED)
    shared = Sender.objects.usable().filter(seat__isnull=True, team__isnull=True)
    found = [*own.select_related("account"), *shared.select_related("account")]
    now = clock.now()
    return [_number(sender, now) for sender in found]


def _number(sender: Sender, now: datetime) -> Number:
    state = str(sender.get_state_display())
    tone = "ok" if sender.state == Sender.ACTIVE else "wait"
    if sender.state != Sender.PAUSED and sender.is_paused(now):
        why, until = sender.wait(now)
        ends = f" (until {moments.when(until, now)})" if until else ""
        state, tone = f"Waits: {why}{ends}", "wait"
    whose = "Yours" if sender.seat_id else "Shared"
    return Number(phone.shown(sender.address), whose, state, tone)
