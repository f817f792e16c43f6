"""What the composite keys refuse; that each one is there: tests/invariants."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, transaction

from accounts.models import Team
from credits.models import LedgerEntry
from messaging.candidates.models import Candidate
from messaging.conversations.models import Conversation, Message
from messaging.senders.models import Sender
from textengage.cast import Company
from textengage.lib import clock, sql
from textengage.lib.ids import new_id
from textengage.lib.scoping import across_customers

pytestmark = pytest.mark.django_db


def refused_by(write: Callable[[], object]) -> str:
    """The constraint that refuses ``write`` at the commit."""
    with pytest.raises(IntegrityError) as refusal:
        commit(write)
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return str(cause.diag.constraint_name)


def commit(write: Callable[[], object]) -> None:
    """Do it, and check what would be checked at the commit."""
    with transaction.atomic():
        write()
        sql.run("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def globex_thread(globex: Company) -> Conversation:
    with across_customers():
        candidate = Candidate.objects.create(customer=globex.customer, first_name="Zoe")
        return Conversation.objects.create(customer=globex.customer, candidate=candidate)


def test_thread_cannot_be_about_another_customers_candidate(
    acme: Company, globex_thread: Conversation
) -> None:
    def write() -> None:
        Conversation.objects.create(customer=acme.customer, candidate_id=globex_thread.candidate_id)

    with across_customers():
        name = refused_by(write)
    assert name == "messaging_conversation_candidate_id_same_customer"


def test_text_cannot_lie_in_another_customers_thread(
    acme: Company, dana: Candidate, globex_thread: Conversation
) -> None:
    def write() -> None:
        Message.objects.create(
            customer=acme.customer,
            candidate=dana,
            conversation=globex_thread,
            direction="in",
            state="received",
        )

    with across_customers():
        assert refused_by(write) == "messaging_message_conversation_id_same_customer"


def test_row_cannot_be_moved_to_another_customer(acme: Company, globex: Company) -> None:
    with across_customers():
        team = Team.objects.create(customer=acme.customer, name="Nurses")
        Team.objects.create(customer=acme.customer, name="Night nurses", parent=team)
        here = Team.objects.filter(id=team.id)
        name = refused_by(lambda: here.update(customer=globex.customer))
    assert name == "accounts_team_parent_id_same_customer"


def test_number_cannot_belong_to_another_customers_team(acme: Company, globex: Company) -> None:
    with across_customers():
        team = Team.objects.create(customer=globex.customer, name="Sales")
        name = refused_by(lambda: Sender.objects.filter(id=acme.sender.id).update(team=team))
    assert name == "messaging_sender_team_id_same_customer"


def test_ledger_cannot_spend_another_customers_grant(acme: Company, globex: Company) -> None:
    with across_customers():
        grant = LedgerEntry.objects.get(customer=globex.customer).grant

        def write() -> None:
            LedgerEntry.objects.create(
                customer=acme.customer,
                kind="charge",
                delta=-1,
                grant=grant,
                message_id=new_id(),
                at=clock.now(),
                reason="first message",
            )

        assert refused_by(write) == "credits_ledgerentry_grant_id_same_customer"
