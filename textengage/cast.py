"""The people of the demo and of the tests: always the same, so that both read alike."""

from dataclasses import dataclass

from accounts import licenses, people
from accounts.models import Customer, User
from credits import ledger
from messaging.candidates import roster
from messaging.candidates.consent import Evidence
from messaging.candidates.models import Candidate
from messaging.senders.models import ProviderAccount, Sender
from textengage.lib.scoping import across_customers

ACME_SID = "AC" + "a" * 32
GLOBEX_SID = "AC" + "b" * 32


@dataclass(frozen=True, slots=True)
class Company:
    """A customer with a number, contacts, and whoever works there by first name."""

    customer: Customer
    account: ProviderAccount
    people: dict[str, User]
    sender: Sender


def acme(token: str) -> Company:
    """Rita (licensed recruiter), Rex, Mona and Carla, 500 contacts, one number of Rita's."""
    return _company(
        "Acme",
        account=(ACME_SID, token),
        number="+15105550101",
        staff=[
            ("Rita", "Ruiz", "user"),
            ("Rex", "Reed", "reporter"),
            ("Mona", "Moss", "manager"),
            ("Carla", "Cole", "customer_admin"),
        ],
        domain="acme.example",
    )


def globex(token: str) -> Company:
    """Gus, the stranger: everything he has must stay invisible to Acme, and the reverse."""
    return _company(
        "Globex",
        account=(GLOBEX_SID, token),
        number="+15105550201",
        staff=[("Gus", "Gray", "customer_admin")],
        domain="globex.example",
    )


def dana(company: Company) -> Candidate:
    return _candidate(company, "Dana", "Kim", "+15105550142", "Staff nurse")


def omar(company: Company) -> Candidate:
    return _candidate(company, "Omar", "Haddad", "+15105550143", "Warehouse lead")


def _company(
    name: str,
    *,
    account: tuple[str, str],
    number: str,
    staff: list[tuple[str, str, str]],
    domain: str,
) -> Company:
    with across_customers():  # a new customer, made by the platform
        customer = Customer.objects.create(
            name=name, products=["sms", "api"], number_of_seats=5, default_country="US"
        )
        made = {
            first: people.add(
                customer,
                email=f"{first.lower()}@{domain}",
                first_name=first,
                last_name=last,
                role=role,
                by=None,
            )
            for first, last, role in staff
        }
        license = licenses.give(made[staff[0][0]], by=None)
        provider = ProviderAccount(customer=customer, name=f"{name} SMS", account_sid=account[0])
        provider.set_token(account[1])
        provider.save()
        sender = Sender.objects.create(
            customer=customer,
            account=provider,
            address=number,
            seat=license.seat,
            segments_per_second=225,  # what a US carrier grants to the best registered senders
        )
        ledger.grant(customer, 500, by=None, note="First purchase")
    return Company(customer, provider, made, sender)


def _candidate(company: Company, first: str, last: str, number: str, job: str) -> Candidate:
    with across_customers():
        return roster.add(
            company.customer,
            first_name=first,
            last_name=last,
            number=number,
            job=job,
            by=next(iter(company.people.values())),
            evidence=Evidence("application", "I agree to get texts about my application."),
        )
