"""Two customers of the same shape for the admin's tests, every row with a canary."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts import licenses, people
from accounts.models import AuditEntry, Customer, License, Seat, Team, User
from credits import ledger
from credits.models import Balance, Grant, LedgerEntry
from messaging.models import InboundEvent, ProviderAccount, Sender
from textengage.lib.scoping import across_customers, within


@dataclass
class Company:
    """One customer and a row of every model that belongs to one, with a word to find it."""

    customer: Customer
    user: User
    reporter: User
    manager: User
    admin: User
    rows: dict[type[Any], tuple[Any, str]] = field(default_factory=dict)

    def row(self, model: type[Any]) -> Any:
        return self.rows[model][0]

    def canary(self, model: type[Any]) -> str:
        return self.rows[model][1]


NAMES = {"Acme": ("Rita", "Rex", "Mona", "Carla"), "Globex": ("Gus", "Gil", "Gwen", "Gia")}
ROLES = ("user", "reporter", "manager", "customer_admin")


def company(name: str, digit: int, *, seats: int = 2) -> Company:
    """A customer whose people, team, number and grant carry its name or digit."""
    customer = Customer.objects.create(
        name=name, number_of_seats=seats, products=["sms"], help_text=f"{name} helps"
    )
    with within(customer):
        made = [
            people.add(
                customer,
                email=f"{role}@{name.lower()}.example",
                first_name=first_name,
                last_name=f"{name}son",
                role=role,
                by=None,
            )
            for role, first_name in zip(ROLES, NAMES[name], strict=True)
        ]
        user, reporter, manager, admin = made
        found = Company(customer, user, reporter, manager, admin)
        _rows_of(found, name, digit)
    return found


def _rows_of(of: Company, name: str, digit: int) -> None:
    customer = of.customer
    license = licenses.give(of.user, by=None)
    team = Team.objects.create(customer=customer, name=f"{name} North")
    team.path = [team.id]
    team.save()
    account = ProviderAccount(
        customer=customer, name=f"{name} Twilio", account_sid=f"AC{digit:032d}"
    )
    account.set_token(f"token of {name}")
    account.save()
    number = f"+1510555010{digit}"
    sender = Sender.objects.create(customer=customer, account=account, address=number, team=team)
    event = InboundEvent.objects.create(
        customer=customer, account=account, event_key=f"SM{name}", parked=True, error="broken"
    )
    grant = ledger.grant(customer, 1000 + digit, by=of.manager, note=f"{name} bought")
    entry = LedgerEntry.objects.get(grant=grant)
    of.rows = {
        Customer: (customer, f"{name}"),
        User: (of.user, of.user.email),
        License: (license, f"{name}son"),
        Seat: (license.seat, f"{name}son"),
        Team: (team, team.name),
        AuditEntry: (AuditEntry.objects.latest("id"), f"added {1000 + digit} contacts"),
        Grant: (grant, grant.note),
        Balance: (Balance.objects.get(), str(1000 + digit)),
        LedgerEntry: (entry, f"{name}son"),
        ProviderAccount: (account, account.name),
        Sender: (sender, str(sender)),
        InboundEvent: (event, event.event_key),
    }


@pytest.fixture
def acme(db: None) -> Company:
    return company("Acme", 1)


@pytest.fixture
def globex(db: None) -> Company:
    return company("Globex", 2)


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser(
        "sam@textengage.example", "a long password", first_name="Sam", last_name="Staff"
    )


@pytest.fixture
def everywhere() -> Iterator[None]:
    """A test reads rows of every customer to see what changed."""
    with across_customers():
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(model: type[Any], page: str = "", row: Any = None) -> str:
    """The admin's address of a list, or of a page of one row (given as row or as id)."""
    stem = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    if row is None:
        return f"{stem}{page}/" if page else stem
    return f"{stem}{getattr(row, 'pk', row)}/{page or 'change'}/"


def values(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would post from a form page, with some fields changed."""
    form = page.context["adminform"].form
    initial = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (initial | changes).items() if value is not None}


def texts(page: Any) -> list[str]:
    """The messages a page shows."""
    return [str(message) for message in page.context["messages"]]


def actions_about(row: Any) -> list[str]:
    """The audit of one row, oldest first."""
    with across_customers():
        rows = AuditEntry.objects.filter(object_id=row.pk).order_by("id")
        return list(rows.values_list("action", flat=True))
