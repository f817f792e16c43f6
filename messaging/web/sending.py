"""Send, take back, send again, send anyway."""

import json
from datetime import timedelta
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.web.base import Request, page
from messaging.conversations import status
from messaging.conversations.inbox import Folder
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import outbox, waiting
from messaging.dispatch.outbox import Draft
from messaging.web import composing, inbox
from messaging.web.composing import Composer
from textengage.lib import clock
from textengage.lib.refusal import Refused

UNSENDABLE = "This text has a character that cannot be sent. Delete it and send again."
STALE = "This page was open too long. Your text is kept; send it again."


class TextForm(forms.Form):
    """What the composer posts. The gate judges the text; this only reads it."""

    client_id = forms.UUIDField(error_messages={"required": STALE, "invalid": STALE})
    body = forms.CharField(required=False, strip=False)

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        try:
            body.encode()
        except UnicodeEncodeError:
            raise forms.ValidationError(UNSENDABLE) from None
        return body

    @property
    def problem(self) -> str:
        """The first thing that is wrong with it, as a sentence."""
        if "body" in self.errors:
            return UNSENDABLE
        return STALE if self.errors else ""


@require_POST
@page("use_inbox")
def send(request: Request, folder: str, thread: UUID) -> HttpResponse:
    """Queue what was written, to leave when it can no longer be undone."""
    chosen = inbox.find_folder(request, folder)
    opened = inbox.find_thread(request, thread)
    form = TextForm(request.POST)
    body = request.POST.get("body", "")
    if not form.is_valid():
        return _refuse(request, opened, chosen, body, form.problem)
    viewer = request.viewer
    try:
        outbox.send(
            Draft(
                conversation=opened,
                body=form.cleaned_data["body"],
                id=form.cleaned_data["client_id"],
                due_at=clock.now() + timedelta(seconds=viewer.user.undo_seconds),
            ),
            by=viewer.user,
            wait_for_contacts=bool(request.POST.get("wait")),
        )
    except Refused as refused:
        if refused.code == "absent":
            raise Http404 from None
        return _refuse(request, opened, chosen, body, refused.sentence)
    if request.htmx:
        return inbox.draw_texts(request, inbox.find_thread(request, thread), chosen)
    return redirect("thread", chosen.code, opened.id)


def _refuse(
    request: Request, opened: Conversation, chosen: Folder, body: str, sentence: str
) -> HttpResponse:
    """Say why, and keep every character of the draft."""
    kept = body.replace("\x00", "").encode(errors="replace").decode()
    composer = composing.compose(request.viewer, opened, chosen.code, body=kept, error=sentence)
    if request.htmx:
        return _draw_composer(request, composer)
    return _page(request, opened, chosen, composer, status=422)


def _page(
    request: Request, opened: Conversation, chosen: Folder, composer: Composer, status: int
) -> HttpResponse:
    context = {
        "folder": chosen,
        "thread": opened,
        "pane": "thread",
        "title": opened.candidate.name,
        "back_url": reverse("inbox", args=[chosen.code]),
    }
    context |= inbox.list_context(request, chosen, opened)
    context |= inbox.thread_context(request, opened, chosen, composer)
    return render(request, "messaging/inbox.html", context, status=status)


def _draw_composer(request: Request, composer: Composer) -> HttpResponse:
    response = render(request, "ui/composer.html", {"composer": composer}, status=422)
    response["HX-Retarget"] = "#composer"
    response["HX-Reswap"] = "outerHTML"
    return response


@require_POST
@page("use_inbox")
def cancel(request: Request, folder: str, thread: UUID, text: UUID) -> HttpResponse:
    """Undo: take a text back before it leaves, and put it into the composer again."""
    chosen = inbox.find_folder(request, folder)
    opened = inbox.find_thread(request, thread)
    found = _own_text(request, opened, text)
    try:
        outbox.cancel(found, by=request.viewer.user)
        sentence = ""
    except Refused as refused:
        sentence = refused.sentence
    if request.htmx:
        response = inbox.draw_texts(request, inbox.find_thread(request, thread), chosen)
        event = {"composer:notice": sentence} if sentence else {"composer:restore": str(text)}
        response["HX-Trigger"] = json.dumps(event)
        return response
    if sentence:
        return _refuse(request, opened, chosen, "", sentence)
    if chosen.of_texts:
        return redirect("inbox", chosen.code)
    composer = composing.compose(request.viewer, opened, chosen.code, body=found.body or "")
    return _page(request, opened, chosen, composer, status=200)


@require_http_methods(["GET", "POST"])
@page("use_inbox")
def send_again(request: Request, folder: str, thread: UUID, text: UUID) -> HttpResponse:
    """A text that was never confirmed, once more: asked first, because it may arrive twice."""
    chosen = inbox.find_folder(request, folder)
    opened = inbox.find_thread(request, thread)
    found = _own_text(request, opened, text)
    context = {"thread": opened, "text": found, "back_url": _thread_url(chosen, opened)}
    if request.method == "POST":
        try:
            outbox.send_again(found, by=request.viewer.user)
        except Refused as refused:
            context["error"] = refused.sentence
            return render(request, "messaging/send_again.html", context, status=422)
        return redirect("thread", chosen.code, opened.id)
    if found.state != status.UNCONFIRMED:
        return redirect("thread", chosen.code, opened.id)
    return render(request, "messaging/send_again.html", context)


@require_POST
@page("use_inbox")
def send_anyway(request: Request, folder: str, thread: UUID, text: UUID) -> HttpResponse:
    """Let a text go that waits for an earlier one to be confirmed."""
    chosen = inbox.find_folder(request, folder)
    opened = inbox.find_thread(request, thread)
    found = _own_text(request, opened, text)
    try:
        waiting.send_anyway(found, by=request.viewer.user)
    except Refused as refused:
        return _refuse(request, opened, chosen, "", refused.sentence)
    return redirect("thread", chosen.code, opened.id)


def _own_text(request: Request, opened: Conversation, id: UUID) -> Message:
    """A text the viewer wrote in this thread; anybody else's is absent."""
    texts = Message.objects.visible_to(request.viewer).outbound()
    found: Message = get_object_or_404(
        texts.select_related("candidate", "conversation__candidate", "conversation__customer"),
        id=id,
        conversation=opened,
        author=request.viewer.user,
    )
    return found


def _thread_url(chosen: Folder, opened: Conversation) -> str:
    return reverse("thread", args=[chosen.code, opened.id])
