"""What is posted where, so that an allowed request really does what it is for."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from django.test import Client

from accounts.web import paging
from tests.every_url.admin_matrix import PLATFORM
from tests.every_url.principals import CUSTOMER_ADMIN, STAFF, STRANGER, UNLICENSED
from tests.every_url.world import World
from textengage.lib import clock
from textengage.lib.ids import new_id

STAFF_ADD: Final = ("customer", "sender", "grant", *PLATFORM)


@dataclass
class Payload:
    """A form or a JSON body."""

    form: dict[str, Any] | None = None
    json: str | None = None


@dataclass
class Payloads:
    world: World
    known: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    fields: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def of(self, name: str, principal: str) -> Payload:
        """The payload a matrix cell names. Empty for an empty name."""
        if not name:
            return Payload()
        if name.startswith(("add ", "change ")):
            return Payload(form=self.of_admin(name, principal))
        number = self.world.company_of(principal).numbers[-1]
        forms: dict[str, dict[str, Any]] = {
            "wrong password": {"username": "rita@acme.example", "password": "wrong"},
            "profile": {
                "first_name": "New",
                "last_name": "Name",
                "theme": "dark",
                "undo_seconds": "10",
            },
            "theme": {"theme": "dark"},
            "text": {"client_id": new_id(), "body": "Hello"},
            "seen": {"until": paging.write((clock.now(), new_id()))},
            "candidate": {
                "first_name": "New",
                "last_name": "Person",
                "number": number,
                "country": "US",
                "kind": "candidate",
            },
            "file": {"id": new_id()},
        }
        if name in forms:
            return Payload(form=forms[name])
        bodies: dict[str, dict[str, Any]] = {
            "new candidate": {"first_name": "New", "last_name": "Person", "number": number},
            "job": {"job": "Picker"},
            "new message": {
                "candidate": str(self.world.own(principal, "candidate").pk),
                "body": "Hello",
            },
        }
        return Payload(json=json.dumps(bodies[name]))

    def of_admin(self, name: str, principal: str) -> dict[str, Any]:
        """A page's form as a browser has it, with what makes it valid or a change."""
        asker = self._asker(name, principal)
        page, _, kind = name.partition(" ")
        if (name, asker) not in self.known:
            self.known[name, asker] = self._values(page, kind, asker)
        return self.known[name, asker]

    def fields_of(self, name: str, principal: str) -> dict[str, Any]:
        """The fields of an admin page's form, by name."""
        self.of_admin(name, principal)
        return self.fields[name, self._asker(name, principal)]

    def _asker(self, name: str, principal: str) -> str:
        """Who may open the page, at the principal's customer."""
        page, _, kind = name.partition(" ")
        if principal == STAFF or kind in PLATFORM or (page == "add" and kind in STAFF_ADD):
            return STAFF
        at_home = self.world.company_of(principal) is self.world.acme
        return CUSTOMER_ADMIN if at_home else STRANGER

    def _values(self, page: str, kind: str, asker: str) -> dict[str, Any]:
        client = Client()
        client.cookies["session"] = self.world.sessions[asker]
        row = self.world.own(asker, kind)
        stem = f"/admin/{row._meta.app_label}/{row._meta.model_name}/"
        answer: Any = client.get(f"{stem}add/" if page == "add" else f"{stem}{row.pk}/change/")
        form = answer.context["adminform"].form
        self.fields[f"{page} {kind}", asker] = dict(form.fields)
        values = {each: form[each].value() for each in form.fields} | self._changes(
            page, kind, asker
        )
        return {each: value for each, value in values.items() if value is not None}

    def _changes(self, page: str, kind: str, asker: str) -> dict[str, Any]:
        company = self.world.company_of(asker)
        own = {"customer": company.customer.pk} if asker == STAFF else {}
        adding: dict[str, dict[str, Any]] = {
            "license": {"user": company.people[UNLICENSED].pk},
            "team": {"name": "South", **own},
            "user": {
                "email": "new@new.example",
                "first_name": "New",
                "last_name": "Person",
                "role": "user",
                **own,
            },
            "provideraccount": {"name": "Second", "account_sid": "ACnew", "token": "t", **own},
            "customer": {"name": "Initech", "number_of_seats": 1},
            "sender": {
                "account": company.row("provideraccount", of="").pk,
                "address": company.numbers[-2],
                **own,
            },
            "grant": {"amount": 10, "note": "New", **own},
            "country": {
                "code": "ZZ",
                "name": "Nowhere",
                "tier": 1,
                "holds_from": "2026-01-01",
                "source": "none",
            },
            "tier": {"number": 99, "label": "Far"},
        }
        changing: dict[str, dict[str, Any]] = {
            "customer": {"help_text": "New"},
            "team": {"name": "South"},
            "user": {"first_name": "New"},
            "provideraccount": {"name": "Renamed"},
            "sender": {"team": company.row("team", of="").pk},
            "country": {"name": "Nowhere"},
            "tier": {"label": "Far"},
        }
        return adding[kind] if page == "add" else changing[kind]
