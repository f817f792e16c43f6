"""Who may do what at which address. A new page states it here, or the test fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.every_url import admin_matrix
from tests.every_url.cells import API, PAGE, Cell, Entry
from tests.every_url.principals import (
    EVERYBODY,
    LICENSED,
    MANAGERS,
    NO_SESSION,
    NOBODY,
    REPORTERS,
    SIGNED_IN,
    TOKENS,
    UNLICENSED,
    VIEWERS,
)

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
THREAD: Final = "inbox/<slug:folder>/<uuid:thread>/"
REFUSED_IN_WORDS: Final = dict.fromkeys((UNLICENSED,), 422)
"""A rule of sending refuses: a sentence, and nothing written."""
WAITS: Final = {"folder": "needs-reply"}
CALLERS: Final = VIEWERS | TOKENS


@dataclass(frozen=True)
class Folder:
    code: str
    shows: str
    who: frozenset[str] = field(default=VIEWERS)


FOLDERS: Final = (
    Folder("needs-reply", "thread"),
    Folder("waiting", "scheduled"),
    Folder("scheduled", "scheduled"),
    Folder("not-sent", "failed"),
    Folder("nobody", "nobodys", MANAGERS),
    Folder("everyone", "thread", MANAGERS),
    Folder("no-such-folder", "", NOBODY),
)


def reads(shows: str = "", who: frozenset[str] = VIEWERS, *, head: bool = False) -> dict[str, Cell]:
    """A page to read; some answer HEAD as well."""
    cell = Cell(who, shows=shows)
    return {"GET": cell, "HEAD": Cell(who)} if head else {"GET": cell}


def writes(
    body: str,
    status: int = 302,
    who: frozenset[str] = VIEWERS,
    otherwise: Mapping[str, int] | None = None,
) -> dict[str, Cell]:
    """What a POST does, and the statuses of those whom a rule refuses."""
    return {"POST": Cell(who, status, body=body, changes=True, otherwise=otherwise or {})}


ACCOUNT: Final = (
    Entry("healthz", PAGE, dict.fromkeys(METHODS, Cell(EVERYBODY))),
    Entry(
        "sign-in/",
        PAGE,
        {
            method: Cell(NO_SESSION, otherwise=dict.fromkeys(SIGNED_IN, 302), body=body)
            for method, body in (("GET", ""), ("HEAD", ""), ("POST", "wrong password"))
        },
    ),
    Entry("sign-out/", PAGE, {"POST": Cell(EVERYBODY, 302)}),
    Entry(
        # Whoever holds the link: it is the credential. A spoiled one says nothing of whose.
        "set-password/<uidb64>/<token>/",
        PAGE,
        {
            "GET": Cell(EVERYBODY, 302, absent=200),
            "HEAD": Cell(EVERYBODY, 302, absent=200),
            "POST": Cell(EVERYBODY, 302, absent=200),
        },
        objects={"uidb64": "link", "token": "link"},
    ),
    Entry("settings/profile/", PAGE, reads("myself") | writes("profile")),
    Entry("settings/appearance/", PAGE, writes("theme")),
    # The Managers of the walk have a license, so that taking one changes nothing.
    Entry("settings/license/", PAGE, {"POST": Cell(MANAGERS, 302)}),
)

INBOX: Final = (
    *(
        Entry(
            "inbox/<slug:folder>/", PAGE, reads(each.shows, each.who), fixed={"folder": each.code}
        )
        for each in FOLDERS
    ),
    *(
        Entry(
            THREAD,
            PAGE,
            reads(shows="thread", who=each.who),
            {"thread": "thread"},
            fixed={"folder": each.code},
        )
        for each in FOLDERS
    ),
    *(
        Entry(THREAD, PAGE, reads(shows), {"thread": "thread"}, WAITS, fragment=part)
        # There are no earlier texts to show.
        for part, shows in (("rows", "thread"), ("texts", "thread"), ("earlier", ""))
    ),
    Entry("inbox/<slug:folder>/", PAGE, reads("thread"), fixed=WAITS, fragment="rows"),
    Entry(
        f"{THREAD}send/",
        PAGE,
        writes("text", who=LICENSED, otherwise=REFUSED_IN_WORDS),
        {"thread": "thread"},
        fixed=WAITS,
    ),
    Entry(
        f"{THREAD}read/",
        PAGE,
        writes("seen", 204),
        {"thread": "thread"},
        fixed=WAITS,
    ),
    Entry(
        f"{THREAD}<uuid:text>/cancel/",
        PAGE,
        writes("", 200),
        {"thread": "waiting", "text": "scheduled"},
        fixed={"folder": "waiting"},
        is_personal=True,
    ),
    Entry(
        f"{THREAD}<uuid:text>/again/",
        PAGE,
        reads("unconfirmed") | writes("", who=LICENSED, otherwise=REFUSED_IN_WORDS),
        {"thread": "waiting", "text": "unconfirmed"},
        fixed={"folder": "waiting"},
        is_personal=True,
    ),
    Entry(
        f"{THREAD}<uuid:text>/anyway/",
        PAGE,
        writes("", who=LICENSED, otherwise=REFUSED_IN_WORDS),
        {"thread": "waiting", "text": "scheduled"},
        fixed={"folder": "waiting"},
        is_personal=True,
    ),
    Entry("live/", PAGE, reads()),
)

CANDIDATES: Final = (
    Entry("", PAGE, reads("thread")),
    Entry("candidates/", PAGE, reads("candidate")),
    Entry("candidates/new/", PAGE, reads("myself") | writes("candidate")),
    Entry("candidates/<uuid:id>/", PAGE, reads("candidate"), {"id": "candidate"}),
    Entry("candidates/<uuid:id>/text/", PAGE, writes(""), {"id": "silent"}),
)

REPORTS: Final = (
    Entry("reports/", PAGE, reads("myself", REPORTERS, head=True)),
    Entry("reports/downloads/", PAGE, reads("myself", REPORTERS, head=True)),
    Entry(
        "reports/downloads/<uuid:id>/file/",
        PAGE,
        reads("export", REPORTERS, head=True),
        {"id": "export"},
        is_personal=True,
    ),
    Entry(
        "reports/<slug:code>/",
        PAGE,
        reads("candidate", REPORTERS, head=True),
        fixed={"code": "messages"},
    ),
    Entry("reports/<slug:code>/", PAGE, {}, fixed={"code": "no-such-report"}),
    Entry(
        "reports/<slug:code>/generate/",
        PAGE,
        writes("file", who=REPORTERS),
        fixed={"code": "messages"},
    ),
    Entry("reports/<slug:code>/generate/", PAGE, {}, fixed={"code": "no-such-report"}),
)

REST: Final = (
    Entry(
        "api/v1/candidates/",
        API,
        reads("candidate", CALLERS, head=True) | writes("new candidate", 201, CALLERS),
    ),
    Entry(
        "api/v1/candidates/<uuid:id>/",
        API,
        reads("candidate", CALLERS, head=True)
        | {"PATCH": Cell(CALLERS, body="job", changes=True, shows="candidate")},
        {"id": "candidate"},
    ),
    Entry(
        "api/v1/messages/",
        API,
        reads("message", CALLERS, head=True)
        | writes("new message", 201, LICENSED | TOKENS, otherwise={UNLICENSED: 409}),
    ),
    Entry(
        "api/v1/messages/<uuid:id>/",
        API,
        reads("message", CALLERS, head=True),
        {"id": "message"},
    ),
    Entry("api/v1/balance/", API, reads("balance", CALLERS, head=True)),
    Entry("api/schema/", API, reads("", CALLERS, head=True)),
    Entry("api/docs/", PAGE, reads("", SIGNED_IN, head=True)),
    Entry("api/", API, dict.fromkeys(METHODS, Cell(EVERYBODY, 404)), sample="/api/nothing/here/"),
)

MATRIX: Final = (*ACCOUNT, *INBOX, *CANDIDATES, *REPORTS, *REST, *admin_matrix.ENTRIES)
