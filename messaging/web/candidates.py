"""Candidates: the list, adding one, and one person's profile."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.viewer import Viewer
from accounts.web.base import Request, page
from messaging.candidates import roster
from messaging.candidates.models import Candidate
from messaging.conversations import inbox, threads
from messaging.conversations.models import Conversation
from messaging.dispatch.explaining import explain
from messaging.gate.verdict import Effect
from messaging.web import candidate_card, showing
from messaging.web.candidate_form import CandidateForm
from messaging.web.people import listing
from textengage.lib import clock
from textengage.lib.refusal import Refused

LAST_TEXTS = 5


@require_GET
@page("use_candidates")
def candidates(request: Request) -> HttpResponse:
    """Everybody by last name, fifty at a time."""
    kind = request.GET.get("kind", "")
    found = listing(request.viewer, kind=kind, after=request.GET.get("after", ""))
    here = reverse("candidates")
    filters = [("", "All"), ("candidate", "Candidates"), ("employee", "Employees")]
    kept = f"&kind={found.kind}" if found.kind else ""
    context: dict[str, Any] = {
        "people": found.people,
        "chips": [
            {
                "label": label,
                "url": f"{here}?kind={code}" if code else here,
                "is_current": code == found.kind,
            }
            for code, label in filters
        ],
        "kind": found.kind,
        "is_first_page": not found.after,
        "next_url": f"{here}?after={found.next_id}{kept}" if found.next_id else "",
        "first_url": f"{here}?kind={found.kind}" if found.kind else here,
    }
    return render(request, "messaging/candidates.html", context)


@require_http_methods(["GET", "POST"])
@page("use_candidates")
def add(request: Request) -> HttpResponse:
    """One person, with a mobile number."""
    form = CandidateForm(request.viewer.customer, request.POST or None)
    duplicate: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("candidate", _add(request.viewer, form).id)
        except Refused as refused:
            form.refuse(refused)
            if refused.code == "duplicate_number":
                url = reverse("candidate", args=[refused.values["candidate_id"]])
                duplicate = {"url": url}
    context = {"form": form, "duplicate": duplicate}
    return render(
        request, "messaging/candidate_new.html", context, status=422 if form.errors else 200
    )


def _add(viewer: Viewer, form: CandidateForm) -> Candidate:
    typed = form.cleaned_data
    names = ("first_name", "last_name", "number", "country", "kind", "current_title", "job")
    return roster.add(
        viewer.customer,
        **{name: typed[name] for name in names},
        email=typed["email"],
        evidence=form.evidence,
        by=viewer.user,
    )


@require_GET
@page("use_candidates")
def candidate(request: Request, id: UUID) -> HttpResponse:
    """One person: can I text them, the last texts, numbers, details."""
    viewer = request.viewer
    person = _find(viewer, id)
    thread = (
        Conversation.objects.visible_to(viewer)
        .select_related("customer", "candidate", "owner", "last_author", "last_sender")
        .filter(candidate=person, team__isnull=True)
        .first()
    )
    # Without a thread the same checks look at the one that would be opened.
    subject = thread or Conversation(customer=viewer.customer, candidate=person)
    explanation = explain(subject, by=viewer.user)
    texts = inbox.texts(thread, limit=LAST_TEXTS)[0] if thread else []
    context = {
        "person": person,
        "initials": showing.initials(person),
        "card": candidate_card.card(viewer, subject, explanation),
        "may_text": explanation.verdict.effect is not Effect.REFUSE,
        "thread": thread,
        "thread_url": showing.thread_url(thread) if thread else "",
        "texts": showing.bubbles(viewer, texts, clock.now()),
        "candidate": person,
    }
    del context["person"]
    return render(request, "messaging/candidate.html", context)


@require_POST
@page("use_inbox")
def text(request: Request, id: UUID) -> HttpResponse:
    """Open the person's one thread, made now if there is none."""
    opened = threads.open_with(_find(request.viewer, id), by=request.viewer.user)
    return redirect(showing.thread_url(opened))


def _find(viewer: Viewer, id: UUID) -> Candidate:
    people = Candidate.objects.visible_to(viewer).prefetch_related("addresses")
    found: Candidate = get_object_or_404(people.select_related("created_by"), id=id)
    return found
