"""One customer with a row of everything, its mark in every text."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.test import Client

from accounts import licenses, people, tokens
from accounts.models import AuditEntry, Customer, StoredFile, Team, User
from credits import ledger
from credits.models import Balance, Country, LedgerEntry, Tier
from messaging.models import InboundEvent, ProviderAccount, Sender
from reporting.models import Export
from tests.every_url import kits
from tests.every_url.principals import DEACTIVATED, REPORTERS, ROLES, TOKEN, UNLICENSED, USER
from textengage.lib import clock

SEATS: Final = 20
# Enough for all, and short of the numbers that the API's examples show.
NUMBERS: Final = 21
FIRST_NAMES: Final = ("Rita", "Una", "Rex", "Mona", "Carla")


@dataclass
class Company:
    """A customer and its rows by kind: the company's, or one for each person."""

    customer: Customer
    mark: str
    numbers: tuple[str, ...]
    people: dict[str, User] = field(default_factory=dict)
    rows: dict[str, tuple[Any, str]] = field(default_factory=dict)
    kits: dict[str, dict[str, tuple[Any, str]]] = field(default_factory=dict)
    token: str = ""
    unlicensed_token: str = ""

    def row(self, kind: str, *, of: str) -> Any:
        return (self.rows.get(kind) or self.kits[of][kind])[0]

    def canary(self, kind: str, *, of: str) -> str:
        return (self.rows.get(kind) or self.kits[of][kind])[1]


def build(name: str, first_number: int, folder: Path) -> Company:
    mark = f"Zq{name.lower()}"
    customer = Customer.objects.create(
        name=f"{mark}-customer",
        products=["sms", "api"],
        number_of_seats=SEATS,
        optout_text=f"{mark} bye",
        optin_text=f"{mark} welcome",
        help_text=f"{mark} helps",
    )
    numbers = tuple(f"+151055501{first_number + place:02}" for place in range(NUMBERS))
    company = Company(customer, mark, numbers)
    team = Team.objects.create(customer=customer, name=f"{mark}-team")
    team.path = [team.id]
    team.save()
    company.rows["team"] = (team, team.name)
    _add_sending(company, number=numbers[0])
    _add_people(company, team)
    _add_records(company)
    _add_persons_rows(company, iter(numbers[1:]), folder)
    return company


def _add_people(company: Company, team: Team) -> None:
    customer, mark = company.customer, company.mark
    wanted = {**ROLES, DEACTIVATED: "user"}
    for (principal, role), first in zip(wanted.items(), (*FIRST_NAMES, "Dee"), strict=True):
        company.people[principal] = people.add(
            customer,
            email=f"{mark}-{first}@{mark}.example",
            first_name=f"{mark}-{first}",
            last_name=f"{mark}-last",
            role=role,
            team=team,
            by=None,
        )
    for principal, user in company.people.items():
        given = licenses.give(user, by=None)
        if principal == UNLICENSED:
            licenses.end(user, by=None)
        if principal == USER:
            company.rows["license"] = (given, user.first_name)
            company.rows["seat"] = (given.seat, user.first_name)
    company.rows["user"] = (company.people[USER], company.people[USER].email)
    company.people[TOKEN] = tokens.add_service_user(customer, f"{mark}-link", by=None)
    company.token = tokens.issue(company.people[TOKEN])
    idle = tokens.add_service_user(customer, f"{mark}-idle", by=None)
    company.unlicensed_token = tokens.issue(idle)
    licenses.end(idle, by=None)


def _add_sending(company: Company, *, number: str) -> None:
    customer, mark = company.customer, company.mark
    account = ProviderAccount(customer=customer, name=f"{mark}-account", account_sid=f"AC{mark}")
    account.set_token(f"{mark}-secret")
    account.save()
    sender = Sender.objects.create(customer=customer, account=account, address=number)
    event = InboundEvent.objects.create(
        customer=customer,
        account=account,
        event_key=f"SM{mark}",
        body={"Body": f"{mark} parked"},
        parked=True,
        error=f"{mark} broke",
    )
    company.rows |= {
        "provideraccount": (account, account.name),
        "sender": (sender, sender.address),
        "inboundevent": (event, event.event_key),
    }


def _add_records(company: Company) -> None:
    customer, mark = company.customer, company.mark
    mona = company.people["manager"]
    amount = 6001 if mark == "Zqacme" else 7001
    grant = ledger.grant(customer, amount, by=mona, note=f"{mark}-note")
    company.rows |= {
        "customer": (customer, customer.name),
        "grant": (grant, grant.note),
        "balance": (Balance.objects.get(customer=customer), str(amount)),
        "ledgerentry": (LedgerEntry.objects.get(grant=grant), mona.first_name),
        "auditentry": (
            AuditEntry.objects.filter(customer=customer, actor_id=mona.id).latest("id"),
            f"added {amount} contacts",
        ),
        # The platform's own rows belong to nobody: the same one stands at both places.
        "country": (Country.objects.get(code="US"), "United States"),
        "tier": (Tier.objects.get(number=1), Tier.objects.get(number=1).label),
    }


def _add_persons_rows(company: Company, numbers: Any, folder: Path) -> None:
    for principal, user in company.people.items():
        if principal == DEACTIVATED:
            continue
        kit = kits.build(company.customer, user, numbers)
        if principal in REPORTERS:
            kit["export"] = _export(company, user, folder)
        else:
            # Nobody without the power has one: the nearest row is a colleague's.
            kit["export"] = (None, "")
        company.kits[principal] = kit
    reporters = company.kits["reporter"]["export"]
    for kit in company.kits.values():
        kit["export"] = kit["export"] if kit["export"][0] else reporters
    company.rows |= kits.of_nobody(company.customer, company.mark, numbers)


def _export(company: Company, user: User, folder: Path) -> tuple[Export, str]:
    word = f"{user.first_name}-export"
    file = StoredFile.objects.create(
        customer=company.customer,
        owner=user,
        name=f"{word}.csv",
        content_type="text/csv",
        size=len(word),
        expires_at=clock.now() + timedelta(days=30),
    )
    path = folder / str(company.customer.id) / str(file.id)
    path.parent.mkdir(exist_ok=True)
    path.write_text(word)
    export = Export.objects.create(
        customer=company.customer,
        requested_by=user,
        report="messages",
        status=Export.READY,
        file=file,
        finished_at=clock.now(),
    )
    return export, word


def who_left(name: str) -> tuple[User, str]:
    """Somebody, and a token, of a customer about to leave."""
    customer = Customer.objects.create(name=name, products=["sms", "api"], number_of_seats=2)
    service = tokens.add_service_user(customer, "link", by=None)
    admin = people.add(
        customer,
        email="bill@hooli.example",
        first_name="Bill",
        last_name="Lumbergh",
        role="customer_admin",
        by=None,
    )
    licenses.give(admin, by=None)
    return admin, tokens.issue(service)


def session_of(user: User) -> str:
    """The key of a new session."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return str(client.session.session_key)
