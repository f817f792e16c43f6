"""What the panel and the profile say about a person: can I text them, and from where."""

from dataclasses import dataclass

from accounts.viewer import Viewer
from messaging.candidates import optout
from messaging.candidates.consent import SOURCES
from messaging.candidates.models import Address, Candidate, Consent, OptOut
from messaging.channels import phone
from messaging.conversations.models import Conversation
from messaging.dispatch.explaining import Explanation
from messaging.gate.verdict import Effect
from messaging.web import moments, sentences

WORDS = {Effect.PASS: "Yes", Effect.HOLD: "Not now", Effect.REFUSE: "No"}
TONES = {Effect.PASS: "ok", Effect.HOLD: "wait", Effect.REFUSE: "stop"}


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a person as it is shown, and what is wrong with it."""

    shown: str
    line: str
    problem: str


@dataclass(frozen=True, slots=True)
class Card:
    """The answer to "Can I text Dana?". ``do_not_text`` is the banner over everything."""

    candidate: Candidate
    word: str
    tone: str
    sentence: str
    cost: str
    sender: str
    consent: str
    numbers: list[Number]
    do_not_text: str


def card(viewer: Viewer, thread: Conversation, explanation: Explanation) -> Card:
    """The card of a thread's person, from an explanation already made."""
    candidate, verdict = thread.candidate, explanation.verdict
    addresses = list(candidate.addresses.all())
    given = optout.state_of(candidate)
    may = verdict.effect is Effect.PASS
    return Card(
        candidate=candidate,
        word=WORDS[verdict.effect],
        tone=TONES[verdict.effect],
        sentence=_sentence(viewer, explanation),
        cost=explanation.cost if may else "",
        sender=phone.shown(explanation.sender.address) if may and explanation.sender else "",
        consent=_consent(candidate),
        numbers=[_number(address) for address in addresses],
        do_not_text=_banner(viewer, thread, given, explanation) if given else "",
    )


def _sentence(viewer: Viewer, explanation: Explanation) -> str:
    code = explanation.verdict.code
    if code == "no_license":
        return sentences.no_license(viewer).text
    # The banner over the page says it at length.
    return "" if code == "opted_out" else explanation.verdict.sentence


def _banner(viewer: Viewer, thread: Conversation, given: OptOut, explanation: Explanation) -> str:
    sender = thread.last_sender or explanation.sender
    address = sender.address if sender else ""
    return sentences.do_not_text(given, thread.candidate, viewer.customer.name, address)


def _consent(candidate: Candidate) -> str:
    newest = Consent.objects.filter(candidate=candidate).order_by("-given_at").first()
    if newest is None:
        return "No consent recorded"
    source = SOURCES.get(newest.source, newest.source)
    return f"{source}, {moments.date(newest.given_at)}"


def _number(address: Address) -> Number:
    kinds = {"mobile": "Mobile", "mobile_or_landline": "Mobile", "voip": "Internet number"}
    parts = (kinds.get(address.number_type, ""), phone.country_of(address.address))
    return Number(
        shown=phone.shown(address.address) if address.channel == "sms" else address.address,
        line=", ".join(part for part in parts if part),
        problem=address.unusable_reason,
    )
