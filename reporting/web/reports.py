"""The reports: their list, one of them, and asking for its file."""

from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.web import paging
from accounts.web.base import Request, page
from accounts.web.zones import spoken
from reporting import catalogue, exports
from reporting.base import Card, Figure, Report
from reporting.timeframes import CUSTOM, LAST_90, Timeframe
from reporting.web.forms import AskedForm, GenerateForm
from textengage.lib import clock
from textengage.lib.ids import new_id
from textengage.lib.refusal import Refused


@page("read_reports")
@require_safe
def reports(request: Request) -> HttpResponse:
    context = {"reports": catalogue.open_to(request.viewer)}
    return render(request, "reporting/reports.html", context)


@page("read_reports")
@require_safe
def report(request: Request, code: str) -> HttpResponse:
    found, asked = _asked(request, code, request.GET)
    context: dict[str, Any] = {"report": found, "form": asked, "zone": spoken(asked.zone.key)}
    if not asked.is_valid():
        return render(request, "reporting/report.html", context, status=400)
    viewer, frame, chosen = request.viewer, asked.frame, asked.chosen
    rows = found.page(viewer, frame, chosen, after=asked.cleaned_data["after"])
    after = {"after": paging.write(rows.next)}
    cards, number_of_rows = found.summary(viewer, frame, chosen)
    before = frame.before(asked.zone)
    earlier = found.summary(viewer, before)[0] if before else []
    first, last = frame.days(asked.zone)
    context |= {
        "cards": [
            shown(card, asked.params, change(card, earlier[i : i + 1], before, asked.zone))
            for i, card in enumerate(cards)
        ],
        "rows": rows.rows,
        "number_of_rows": f"{number_of_rows:,}",
        "noun": found.nouns[number_of_rows != 1],
        "first": first,
        "last": last,
        "is_filtered": bool(chosen),
        "address": f"?{urlencode(asked.params)}",
        "last_90": f"?{urlencode({'timeframe': LAST_90})}",
        "newest": f"?{urlencode(asked.params | chosen)}" if asked.cleaned_data["after"] else "",
        "next": f"?{urlencode(asked.params | chosen | after)}" if rows.next else "",
        "generate": f"{reverse('generate', args=[code])}?{urlencode(asked.params | chosen)}",
        "file_id": new_id(),
    }
    return render(request, "reporting/report.html", context)


@page("read_reports")
@require_POST
def generate(request: Request, code: str) -> HttpResponse:
    """Ask for the file of what the page showed; its address says what that was."""
    found, asked = _asked(request, code, request.GET)
    form = GenerateForm(request.POST)
    if not (asked.is_valid() and form.is_valid()):
        context = {"report": found, "form": asked, "zone": spoken(asked.zone.key)}
        return render(request, "reporting/report.html", context, status=400)
    try:
        exports.request(
            found,
            viewer=request.viewer,
            timeframe=asked.frame,
            chosen=asked.chosen,
            id=form.cleaned_data["id"],
        )
    except Refused as refused:
        raise Http404 from refused
    return redirect("downloads")


def shown(card: Card, params: dict[str, str], against: dict[str, str]) -> dict[str, Any]:
    """A card as the page shows it: every figure with the address of its rows."""

    def opened(figure: Figure) -> dict[str, Any]:
        return {
            "label": figure.label,
            "value": f"{figure.value:,}",
            "url": f"?{urlencode(params | dict(figure.filters))}",
        }

    return {
        "title": card.title,
        "total": opened(card.total),
        "parts": [opened(part) for part in card.parts if part.value],
        "against": against,
    }


def change(
    card: Card, earlier: list[Card], before: Timeframe | None, zone: tzinfo
) -> dict[str, str]:
    """How a card's total moved against the same time before, and the address of that."""
    first, last = before.days(zone) if before else (None, None)
    if not earlier or first is None or last is None:
        return {}
    days = (last - first).days + 1
    difference = card.total.value - earlier[0].total.value
    span = "the day before" if days == 1 else f"the {days} days before"
    moved = f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} than in {span}"
    params = {"timeframe": CUSTOM, "first": first.isoformat(), "last": last.isoformat()}
    return {
        "text": moved if difference else f"As many as in {span}",
        "url": f"?{urlencode(params | dict(card.total.filters))}",
    }


def _asked(request: Request, code: str, data: Any) -> tuple[Report, AskedForm]:
    found = catalogue.find(request.viewer, code)
    if found is None:
        raise Http404
    zone = ZoneInfo(request.viewer.customer.time_zone)
    return found, AskedForm(data, report=found, zone=zone, now=clock.now())
