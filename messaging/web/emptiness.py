"""What a list without rows says (UX section 7): one sentence, one action."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.viewer import Viewer
from messaging.conversations import inbox
from messaging.conversations.inbox import Folder

FIRST_DAY = "No texts yet. Add a candidate and say hello."
SENTENCES = {
    "scheduled": "Nothing is scheduled.",
    "not-sent": "Everything you sent in the last 30 days went out.",
    "nobody": "Every thread has an owner.",
    "everyone": "No texts yet.",
}


@dataclass(frozen=True, slots=True)
class Empty:
    text: str
    label: str = ""
    url: str = ""


def of(viewer: Viewer, folder: Folder) -> Empty:
    """What an empty folder says. Only who owns no thread at all is told to begin."""
    if folder.code in SENTENCES:
        return Empty(SENTENCES[folder.code])
    if not inbox.owns_any(viewer):
        return Empty(FIRST_DAY, "Candidates", reverse("candidates"))
    waiting = inbox.how_many(viewer, "waiting")
    if folder.code == "needs-reply" and waiting:
        return Empty(_all_answered(waiting), "See who", reverse("inbox", args=["waiting"]))
    sentence = "Everyone has an answer." if folder.code == "needs-reply" else "You wait for nobody."
    return Empty(sentence, "See all", reverse("inbox", args=["all"]))


def _all_answered(waiting: int) -> str:
    people = "1 person has" if waiting == 1 else f"{waiting:,} people have"
    return f"Everyone has an answer. {people} not written back yet."
