"""The composer: whether a text may go, from where, at what cost, before a word is typed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.urls import reverse

from accounts.viewer import Viewer
from credits import rules
from credits.models import ContactWindow
from messaging.candidates import optout
from messaging.channels import phone
from messaging.conversations.models import Conversation, Message
from messaging.dispatch.explaining import Explanation, explain
from messaging.gate.verdict import Effect, Verdict
from messaging.web import moments, sentences
from messaging.web.sentences import Blocked
from messaging.wording.variables import VARIABLES
from textengage.lib import clock
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id

# A colleague's text within this time is named before one more is written.
COLLISION: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Fact:
    text: str
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """What ui/composer.html draws. ``closed`` is the sentence that replaces the box.

    ``state`` names the shape drawn, so that an open page learns when it must change.
    """

    url: str
    thread_id: UUID
    client_id: UUID
    first_name: str
    facts: list[Fact]
    send_label: str
    state: str
    can_send: bool = True
    closed: str = ""
    closed_tone: str = ""
    hint: str = ""
    may_wait: bool = False
    body: str = ""
    error: str = ""
    action_label: str = ""
    action_url: str = ""
    action_post: bool = False
    target: str = "#texts"
    variables: str = " ".join(VARIABLES)
    variable_names: tuple[str, ...] = tuple(VARIABLES)


def compose(
    viewer: Viewer,
    thread: Conversation,
    folder: str,
    explanation: Explanation | None = None,
    *,
    body: str = "",
    error: str = "",
    client_id: UUID | None = None,
) -> Composer:
    """The composer of a thread, perhaps with a draft that was refused."""
    explanation = explanation or explain(thread, by=viewer.user)
    verdict = explanation.verdict
    is_closed = verdict.effect is Effect.REFUSE
    waits = verdict.effect is Effect.HOLD and verdict.code == "no_contacts"
    blocked = _blocked(viewer, thread, folder, verdict) if is_closed else Blocked("")
    return Composer(
        url=reverse("send", args=[folder, thread.id]),
        thread_id=thread.id,
        client_id=client_id or new_id(),
        first_name=thread.candidate.first_name or "this person",
        facts=[] if is_closed else _facts(viewer, thread, explanation),
        send_label=_send_label(explanation),
        state=verdict.code or "open",
        can_send=not waits,
        closed=blocked.text,
        closed_tone="stop" if verdict.code == "opted_out" else "wait",
        hint=_no_contacts(thread, verdict.sentence) if waits else "",
        may_wait=waits,
        body=body,
        error=error,
        action_label=blocked.label,
        action_url=blocked.url,
        action_post=blocked.post,
    )


def _send_label(explanation: Explanation) -> str:
    if explanation.verdict.effect is Effect.REFUSE or explanation.verdict.code == "no_contacts":
        return "Cannot send"
    return "Send, 1 contact" if explanation.needs_contact else "Send"


def _blocked(viewer: Viewer, thread: Conversation, folder: str, verdict: Verdict) -> Blocked:
    """What stands where the box would be."""
    given = optout.state_of(thread.candidate)
    if given:
        # Whatever else is missing as well: nobody may text this person.
        number = thread.last_sender.address if thread.last_sender else ""
        company = viewer.customer.name
        return Blocked(sentences.do_not_text(given, thread.candidate, company, number))
    if verdict.code == "no_license":
        return sentences.no_license(viewer, back=reverse("thread", args=[folder, thread.id]))
    return Blocked(verdict.sentence)


def _facts(viewer: Viewer, thread: Conversation, explanation: Explanation) -> list[Fact]:
    """At most four, the worst first."""
    facts = []
    verdict = explanation.verdict
    if verdict.effect is Effect.HOLD and verdict.code != "no_contacts":
        facts.append(Fact(verdict.sentence, "wait"))
    collision = _collision(viewer, thread)
    if collision:
        facts.append(Fact(collision, "wait"))
    if explanation.sender:
        is_own = explanation.sender.seat_id is not None
        whose = "you" if is_own else "shared"
        facts.append(Fact(f"SMS from {phone.shown(explanation.sender.address)} ({whose})"))
    if verdict.code != "no_contacts":
        facts.append(Fact(explanation.cost))
    if thread.last_message_at is None:
        name, company = thread.candidate.first_name, viewer.customer.name
        facts.append(Fact(f"First text to {name}: say your name and {company}."))
    return facts[:4]


def _collision(viewer: Viewer, thread: Conversation) -> str:
    """ "Rex texted Dana 20 minutes ago", when it was not the viewer."""
    author = thread.last_author
    if author is None or author.id == viewer.user.id or thread.last_direction != Message.OUT:
        return ""
    if thread.last_message_at is None:
        return ""
    age = clock.now() - thread.last_message_at
    if age > COLLISION:
        return ""
    ago = "just now" if age < timedelta(minutes=1) else f"{moments.span(age)} ago"
    return f"{author.first_name} texted {thread.candidate.first_name} {ago}."


def _no_contacts(thread: Conversation, sentence: str) -> str:
    name = thread.candidate.first_name
    is_first = not ContactWindow.objects.filter(
        contact_key=thread.candidate.contact_key, last_at__isnull=False
    ).exists()
    if is_first and thread.last_direction == Message.IN:
        return (
            f"{name} wrote first, but your answer needs 1 contact and none is left."
            " It is saved and can go when contacts are added."
        )
    reached = ContactWindow.objects.filter(last_at__gte=AppNow() - rules.WINDOW).count()
    if not reached:
        return sentence
    people = "1 person" if reached == 1 else f"{reached:,} people"
    return f"{sentence} You can still text the {people} reached in the past 45 days."
