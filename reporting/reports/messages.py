"""Every text, out and in."""

from datetime import timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from accounts.models import PRODUCTS
from accounts.viewer import Viewer
from messaging.models import Candidate, Message
from reporting.base import Card, Column, Figure, Filter, Option, Report
from textengage.lib.clock import AppNow

# A text due within a minute is on its way; later, somebody chose the time.
IS_LATER = Q(due_at__gt=AppNow() + timedelta(minutes=1))

DIRECTIONS = Filter(
    "direction",
    "Direction",
    (
        Option("out", "Outbound", Q(direction=Message.OUT)),
        Option("in", "Inbound", Q(direction=Message.IN)),
    ),
)
# The words of UX section 6. Each state is in exactly one option.
STATES = Filter(
    "state",
    "State",
    (
        Option(
            "sending",
            "Sending",
            Q(state__in=("claimed", "sending")) | Q(state="queued") & ~IS_LATER,
        ),
        Option("scheduled", "Scheduled", Q(state="queued") & IS_LATER),
        Option("held", "Held", Q(state="held")),
        Option("sent", "Sent", Q(state__in=("accepted", "sent"))),
        Option("delivered", "Delivered", Q(state="delivered")),
        Option("read", "Read", Q(state="read")),
        Option("not-delivered", "Not delivered", Q(state="undelivered")),
        Option("not-sent", "Not sent", Q(state__in=("refused", "failed", "expired"))),
        Option("not-confirmed", "Not confirmed", Q(state__in=("uncertain", "unconfirmed"))),
        Option("canceled", "Canceled", Q(state="canceled")),
        Option("received", "Received", Q(state="received")),
    ),
)
KINDS = Filter(
    "kind",
    "Kind",
    tuple(Option(code, label, Q(candidate__kind=code)) for code, label in Candidate.KINDS),
)


def words(filter: Filter) -> Case:
    """The label of the option a row falls under."""
    return Case(
        *(When(option.q, then=Value(option.label)) for option in filter.options),
        default=Value(""),
        output_field=CharField(),
    )


def name(person: str) -> Func:
    return Trim(Concat(f"{person}__first_name", Value(" "), f"{person}__last_name"))


REASON = Coalesce(
    NullIf("error_sentence", Value("")),
    KeyTextTransform("sentence", F("verdict"), output_field=TextField()),
    Value(""),
    output_field=TextField(),
)
STATE = Case(
    When(
        ~Q(reason="") & Q(state__in=("held", "undelivered", "refused", "failed", "expired")),
        then=Concat(words(STATES), Value(": "), F("reason"), output_field=TextField()),
    ),
    default=words(STATES),
    output_field=TextField(),
)
CANDIDATE = Case(
    When(candidate__purged_at__isnull=False, then=Value("Purged")),
    default=name("candidate"),
    output_field=CharField(),
)
AUTHOR = Case(
    When(author__isnull=False, then=name("author")),
    When(direction=Message.OUT, then=Value("Automatic")),
    default=Value(""),
    output_field=CharField(),
)
CHANNEL = Case(
    *(When(channel=code, then=Value(label)) for code, label in PRODUCTS.items()),
    default=F("channel"),
    output_field=CharField(),
)


def texts(viewer: Viewer) -> QuerySet[Any]:
    found: QuerySet[Any] = Message.objects.visible_to(viewer).annotate(reason=REASON)
    return found


def outbound(label: str, **filters: str) -> Figure:
    return Figure(label, {"direction": "out"} | filters)


def inbound(label: str, **filters: str) -> Figure:
    return Figure(label, {"direction": "in"} | filters)


REPORT = Report(
    code="messages",
    title="Messages",
    about="Every text, out and in, with its number, its state and its author.",
    nouns=("text", "texts"),
    source=texts,
    at="created_at",
    columns=(
        Column("Time", F("created_at"), is_time=True),
        Column("Direction", words(DIRECTIONS)),
        Column(
            "Candidate",
            CANDIDATE,
            page="candidate",
            page_id=Case(
                When(candidate__purged_at__isnull=True, then=F("candidate_id")),
                output_field=UUIDField(),
            ),
        ),
        Column("Kind", words(KINDS)),
        Column("Channel", CHANNEL),
        Column("Number", Coalesce("sender__address", Value("")), is_phone=True),
        Column("State", STATE),
        Column("Segments", F("segments"), is_number=True),
        Column("Author", AUTHOR),
        Column("Country", Coalesce("address__region", Value(""))),
    ),
    filters=(DIRECTIONS, STATES, KINDS),
    cards=(
        Card(
            "Outbound",
            outbound("texts"),
            tuple(
                outbound(option.label, state=option.code)
                for option in STATES.options
                if option.code != "received"
            ),
        ),
        Card(
            "Inbound",
            inbound("texts"),
            (
                inbound("From candidates", kind=Candidate.CANDIDATE),
                inbound("From employees", kind=Candidate.EMPLOYEE),
            ),
        ),
    ),
)
