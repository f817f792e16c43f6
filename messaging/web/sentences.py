"""The exact sentences of the pages (UX section 8)."""

from dataclasses import dataclass

from django.urls import reverse

from accounts import licenses
from accounts.viewer import Viewer
from messaging.candidates.models import Candidate, OptOut
from messaging.channels import phone
from messaging.gate.people import helpers_of
from messaging.web import moments


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why somebody cannot send, and the button that changes it, if they may press one."""

    text: str
    label: str = ""
    url: str = ""
    post: bool = False


def do_not_text(given: OptOut, candidate: Candidate, company: str, from_number: str) -> str:
    """The banner over everything. ``from_number`` is what START goes to, if known (E.164)."""
    name = candidate.first_name or "This person"
    addresses = list(candidate.addresses.all())
    ending = f" from …{addresses[0].address[-4:]}" if addresses else ""
    number = f" to {phone.shown(from_number)}" if from_number else ""
    return (
        f"Do Not Text. {_how(given, name)} Nobody at {company} can text {name} on any channel."
        f" Only {name} can change this, by texting START{number}{ending}."
    )


def _how(given: OptOut, name: str) -> str:
    date = moments.date(given.effective_at)
    if given.source == "inbound":
        word = given.word.upper() or "STOP"
        return f"{name} texted {word} on {date} at {moments.hour(given.effective_at)}."
    if given.source == "provider":
        return f"The carrier reports that {name} opted out, on {date}."
    who = given.actor.first_name if given.actor else "A colleague"
    how = f": {given.evidence}" if given.evidence else ""
    return f"{who} marked this on {date}{how}."


def no_license(viewer: Viewer, back: str = "") -> Blocked:
    """Why somebody without a license cannot send. ``back`` is where a new one leads."""
    if not viewer.can("manage_people"):
        return Blocked(
            "You can read and add notes, but not send: you have no license."
            f" {_helper(viewer)} can give you one."
        )
    total = viewer.customer.number_of_seats
    free = max(0, total - licenses.seats_in_use(viewer.customer))
    if not free:
        held = reverse("admin:accounts_license_changelist") + "?held=now"
        text = f"All {total} licenses are in use." if total > 1 else "The license is in use."
        return Blocked(text if total else "There are no licenses.", "See who has them", held)
    are = "license is" if total == 1 else "licenses are"
    text = f"You have no license, so you cannot send. {free} of {total} {are} free."
    url = reverse("own-license") + (f"?next={back}" if back else "")
    return Blocked(text, "Give me a license", url, post=True)


def no_number(viewer: Viewer) -> Blocked:
    """A license without a number: who holds the power assigns one themselves."""
    if viewer.can("manage_sending"):
        numbers = reverse("admin:messaging_sender_changelist")
        return Blocked("You have a license but no texting number yet.", "Open numbers", numbers)
    helper = _helper(viewer)
    return Blocked(f"You have a license but no texting number yet. {helper} can assign one.")


def _helper(viewer: Viewer) -> str:
    return helpers_of([viewer.customer.id])[viewer.customer.id]
