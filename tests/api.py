"""A company with a connected system, for tests of the API."""

import re
from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

from accounts import licenses, people, tokens
from accounts.models import Customer, User
from accounts.roles import USER
from credits import ledger
from messaging.candidates import roster
from messaging.candidates.models import Candidate
from messaging.senders.models import ProviderAccount, Sender
from textengage.lib.scoping import within

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Connected:
    """A customer, its service user with a token, and a client that uses the token."""

    customer: Customer
    service: User
    client: APIClient

    def add(self, first_name: str = "Dana", number: str = "+15105550123") -> Candidate:
        with within(self.customer):
            return roster.add(
                self.customer, first_name=first_name, last_name="Kim", number=number, by=None
            )


def connected(name: str = "Acme", *, number: str = "+15105550101", contacts: int = 10) -> Connected:
    """A customer that may send: products, one number for all, contacts, a token."""
    customer = Customer.objects.create(name=name, products=["sms", "api"], number_of_seats=3)
    with within(customer):
        account = ProviderAccount(customer=customer, name="Main", account_sid=f"AC{name}")
        account.set_token("not a token of anybody")
        account.save()
        Sender.objects.create(customer=customer, account=account, address=number)
        if contacts:
            ledger.grant(customer, contacts, by=None)
        service = tokens.add_service_user(customer, "ATS link", by=None)
        client = APIClient(headers={"Authorization": f"Token {tokens.issue(service)}"})
    return Connected(customer, service, client)


def person(customer: Customer, first_name: str, role: str = USER, *, licensed: bool = True) -> User:
    """Somebody who signs in."""
    with within(customer):
        email = f"{first_name}@{customer.name}.example".lower()
        user = people.add(
            customer, email=email, first_name=first_name, last_name="T.", role=role, by=None
        )
        if licensed:
            licenses.give(user, by=None)
    return user


def without_ids(answer: Any) -> tuple[int, str, bytes]:
    """What an answer says once ids are taken out: absent and other's must be equal."""
    headers = f"{answer['Content-Type']} {answer.get('Allow', '')}"
    return answer.status_code, headers, UUID.sub("<id>", answer.content.decode()).encode()
