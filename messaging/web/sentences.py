"""The exact sentences of the pages (UX section 8)."""

from accounts import licenses
from accounts.viewer import Viewer
from messaging.candidates.models import Candidate, OptOut
from messaging.channels import phone
from messaging.gate.people import helpers_of
from messaging.web import moments


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


def no_license(viewer: Viewer) -> str:
    """Why somebody without a license cannot send, and who can change it."""
    if not viewer.can("manage_people"):
        return (
            "You can read and add notes, but not send: you have no license."
            f" {_helper(viewer)} can give you one."
        )
    total = viewer.customer.number_of_seats
    free = max(0, total - licenses.seats_in_use(viewer.customer))
    if not free:
        return f"All {total} licenses are in use." if total > 1 else "The license is in use."
    are = "license is" if total == 1 else "licenses are"
    return f"You have no license, so you cannot send. {free} of {total} {are} free."


def no_number(viewer: Viewer) -> str:
    return f"You have a license but no texting number yet. {_helper(viewer)} can assign one."


def _helper(viewer: Viewer) -> str:
    return helpers_of([viewer.customer.id])[viewer.customer.id]


def everyone_has_an_answer(waiting: int) -> str:
    """An empty Needs reply is a finished day."""
    if not waiting:
        return "Everyone has an answer."
    people = "1 person has" if waiting == 1 else f"{waiting:,} people have"
    return f"Everyone has an answer. {people} not written back yet."


FIRST_DAY = "No texts yet. Add a candidate and say hello."
