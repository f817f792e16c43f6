"""The inbox: folders, threads, and the parts of them an open page asks for again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.web import paging
from accounts.web.base import Request, page
from messaging.conversations import inbox
from messaging.conversations.inbox import Folder, Row
from messaging.conversations.models import Conversation, Message
from messaging.dispatch.explaining import explain
from messaging.web import candidate_card, composing, emptiness, moments, showing
from textengage.lib import clock

ROWS: Final = "rows"
TEXTS: Final = "texts"
EARLIER: Final = "earlier"


@require_GET
@page("use_inbox")
def folder(request: Request, folder: str) -> HttpResponse:
    """One folder, no thread open."""
    chosen = find_folder(request, folder)
    context = {"folder": chosen, "pane": "list", "title": chosen.label}
    if request.htmx.target == ROWS:
        return _draw(request, "#rows", context | list_context(request, chosen))
    return _draw(request, "", context | list_context(request, chosen))


@require_GET
@page("use_inbox")
def thread(request: Request, folder: str, thread: UUID) -> HttpResponse:
    """One thread beside its folder; for an open page, the part it asks for."""
    chosen = find_folder(request, folder)
    opened = find_thread(request, thread)
    context: dict[str, Any] = {
        "folder": chosen,
        "thread": opened,
        "pane": "thread",
        "title": opened.candidate.name,
        "back_url": reverse("inbox", args=[chosen.code]),
    }
    match request.htmx.target:
        case "rows":
            return _draw(request, "#rows", context | list_context(request, chosen, opened))
        case "texts":
            return draw_texts(request, opened, chosen)
        case "earlier":
            return _draw(request, "#earlier", context | texts_context(request, opened, chosen))
    context |= list_context(request, chosen, opened) | thread_context(request, opened, chosen)
    return _draw(request, "", context)


@require_POST
@page("use_inbox")
def read(request: Request, folder: str, thread: UUID) -> HttpResponse:
    """The page has shown the thread up to a text."""
    find_folder(request, folder)
    opened = find_thread(request, thread)
    seen = paging.read(request.POST.get("until", ""))
    if seen:
        inbox.mark_read(request.viewer, opened, seen[0])
    response = HttpResponse(status=204)
    # The list and the count in the title follow.
    response["HX-Trigger"] = "live:inbox"
    return response


def find_folder(request: Request, code: str) -> Folder:
    """The folder of an address, absent for those who may not open it."""
    found = inbox.folder_for(request.viewer, code)
    if found is None:
        raise Http404
    return found


def find_thread(request: Request, id: UUID) -> Conversation:
    """The thread of an address, absent when it is another customer's."""
    threads = Conversation.objects.visible_to(request.viewer).select_related(
        "customer", "candidate", "owner", "last_author", "last_sender"
    )
    found: Conversation = get_object_or_404(threads, id=id)
    return found


def draw_texts(
    request: Request, opened: Conversation, chosen: Folder, status: int = 200
) -> HttpResponse:
    """The texts as they are now, with what must agree with them: facts and panel."""
    context = thread_context(request, opened, chosen)
    drawn = request.GET.get("drawn", "") or request.POST.get("drawn", "")
    context |= {
        "folder": chosen,
        "thread": opened,
        "title": opened.candidate.name,
        "is_fragment": True,
        "must_redraw_composer": bool(drawn) and drawn != context["composer"].state,
    }
    return _draw(request, "#texts", context, status)


def list_context(
    request: Request, chosen: Folder, opened: Conversation | None = None
) -> dict[str, Any]:
    """The rows of a folder. An open page sends those it shows: they stand still."""
    now = clock.now()
    after = paging.read(request.GET.get("after", ""))
    found = inbox.page(request.viewer, chosen, after)
    rows, news = found.rows, 0
    if request.htmx.target == ROWS:
        rows, news = _standing_still(request, chosen, found)
    next_page = paging.write(found.next_cursor)
    here = reverse("inbox", args=[chosen.code])
    return {
        "rows": showing.lines(
            request.viewer, chosen, rows, now, current=opened.id if opened else None
        ),
        "shown": ",".join(str(row.id) for row in rows),
        "news": news,
        "list_url": here,
        "next_url": f"{here}?after={next_page}" if next_page else "",
        "siblings": [each for each in inbox.FOLDERS.values() if each.of_team == chosen.of_team],
        "summary": _summary(request, chosen),
        "empty": None if rows or after else emptiness.of(request.viewer, chosen),
    }


def _standing_still(request: Request, chosen: Folder, found: inbox.Page) -> tuple[list[Row], int]:
    ids = [UUID(each) for each in request.GET.get("shown", "").split(",") if _is_uuid(each)]
    shown = inbox.again(request.viewer, chosen, ids)
    new = [row for row in found.rows if row.id not in ids]
    if not ids:
        return found.rows, 0
    if chosen.newest_first:
        return shown, len(new)
    # The longest wait stands first, so whoever is new belongs at the end.
    return shown + ([] if found.next_cursor else new), 0


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _summary(request: Request, chosen: Folder) -> str:
    """ "12 people wait, longest 3 h", above the rows of Needs reply."""
    if chosen.code != "needs-reply":
        return ""
    counts = inbox.counts(request.viewer)
    if not counts.needs_reply or counts.longest_since is None:
        return ""
    wait = moments.wait(clock.now() - counts.longest_since)
    if counts.needs_reply == 1:
        return f"1 person has waited {wait}"
    return f"{counts.needs_reply:,} people wait, longest {wait}"


def texts_context(request: Request, opened: Conversation, chosen: Folder) -> dict[str, Any]:
    """The texts of a thread: the newest, those before a cursor, or all since one."""
    now = clock.now()
    viewer = request.viewer
    before = paging.read(request.GET.get("before", ""))
    since = paging.read(request.GET.get("since", "") or request.POST.get("since", ""))
    texts, has_earlier = inbox.texts(opened, before=before, since=None if before else since)
    divider = paging.read(request.GET.get("unread", "") or request.POST.get("unread", ""))
    is_again = request.htmx.target in (TEXTS, EARLIER)
    seen = divider[0] if divider else None
    if not is_again and not before:
        seen = inbox.read_at(viewer, opened)
    newest = _newest(opened, texts)
    here = reverse("thread", args=[chosen.code, opened.id])
    first = paging.write(_cursor(texts[0])) if texts else ""
    return {
        "texts": showing.bubbles(viewer, texts, now, seen),
        "texts_url": here,
        "since": paging.write(since) if since else first,
        "unread_from": paging.write((seen, opened.id)) if seen else "",
        "until": paging.write((newest, opened.id)) if texts and newest else "",
        "earlier_url": f"{here}?before={first}" if has_earlier else "",
        "is_unread": bool(texts and newest and (seen is None or seen < newest)),
        "is_older_page": before is not None,
    }


def _newest(opened: Conversation, texts: Sequence[Message]) -> datetime | None:
    """Until when the page has shown the thread.

    A text that came late stands among older ones, and is news all the same.
    """
    instants = (opened.last_message_at, texts[-1].created_at if texts else None)
    return max(filter(None, instants), default=None)


def _cursor(text: Message) -> paging.Cursor:
    return text.created_at, text.id


def thread_context(
    request: Request,
    opened: Conversation,
    chosen: Folder,
    composer: composing.Composer | None = None,
) -> dict[str, Any]:
    """Everything in the thread's pane and its panel."""
    explanation = explain(opened, by=request.viewer.user)
    return texts_context(request, opened, chosen) | {
        "card": candidate_card.card(request.viewer, opened, explanation),
        "composer": composer or composing.compose(request.viewer, opened, chosen.code, explanation),
    }


def _draw(request: Request, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"messaging/inbox.html{part}", context, status=status)
