"""Parked events and missed texts in the admin."""

from typing import Any

import pytest

from accounts.models import AuditEntry, User
from messaging.models import InboundEvent, Listing, ProviderAccount, Sender
from tests.accounts import admin_cast
from tests.accounts.admin_cast import Company, actions_about, address, signed_in
from textengage.lib import clock

acme = admin_cast.acme
everywhere = admin_cast.everywhere
globex = admin_cast.globex
staff = admin_cast.staff

pytestmark = pytest.mark.usefixtures("everywhere")


def act(client: Any, model: Any, name: str, *rows: Any) -> Any:
    chosen = {"action": name, "_selected_action": [row.pk for row in rows]}
    return client.post(address(model), chosen, follow=True)


def test_parked_event_is_tried_again_once_and_audited(
    acme: Company, globex: Company, staff: User
) -> None:
    ours, theirs = acme.row(InboundEvent), globex.row(InboundEvent)
    InboundEvent.objects.update(parked=True, attempts=5)
    for user in (acme.manager, staff):
        act(signed_in(user), InboundEvent, "try_again", ours)
    act(signed_in(acme.manager), InboundEvent, "try_again", theirs)
    again = InboundEvent.objects.get(pk=ours.pk)
    assert (again.parked, again.attempts, again.recovered) == (False, 0, True)
    assert InboundEvent.objects.get(pk=theirs.pk).parked
    entries = AuditEntry.objects.filter(action="event.retried")
    assert list(entries.values_list("actor_id", "customer_id", "detail")) == [
        (acme.manager.pk, acme.customer.pk, {"row": ours.pk})
    ]


def test_parked_events_are_filtered_by_what_went_wrong(acme: Company, globex: Company) -> None:
    InboundEvent.objects.update(parked=True, error="UnknownNumber: not one of the account's")
    InboundEvent.objects.filter(customer=globex.customer).update(error="KeyError: theirs")
    client = signed_in(acme.manager)
    key = acme.row(InboundEvent).event_key
    listed = client.get(address(InboundEvent)).content.decode()
    assert ("?kind=UnknownNumber" in listed, "KeyError" in listed) == (True, False)
    for kind, there in (("UnknownNumber", True), ("KeyError", False)):
        page = client.get(address(InboundEvent), {"kind": kind}).content.decode()
        assert (key in page) == there


def test_missed_texts_are_looked_for_at_the_own_accounts(acme: Company, globex: Company) -> None:
    ours, theirs = acme.row(ProviderAccount), globex.row(ProviderAccount)
    page = act(signed_in(acme.manager), ProviderAccount, "look_for_missed", ours, theirs)
    assert "Numbers to be looked up: 1." in page.content.decode()
    assert actions_about(ours) == ["provider_account.looked_up"]
    due = Listing.objects.filter(next_at__lte=clock.now())
    assert list(due.values_list("sender", flat=True)) == [acme.row(Sender).pk]
