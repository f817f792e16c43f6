"""Who did what: written once, without persons, in a chain that shows what was changed."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts import audit
from accounts.models import AuditEntry, User
from messaging.candidates.models import Candidate
from tests.invariants import database
from tests.racing import race
from textengage import invariants
from textengage.cast import Company
from textengage.lib import sql
from textengage.lib.ids import new_id

pytestmark = pytest.mark.usefixtures("everyone")


def record(company: Company, times: int = 1) -> None:
    for _ in range(times):
        audit.record("team.added", of=company.customer, by=company.people["Carla"])


def chain(company: Company) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(customer=company.customer).order_by("link"))


def broken() -> list[str]:
    """The entries that no longer fit the chain (invariant A1)."""
    found = invariants.inspect().findings
    return [id for each, finding in found.items() if each.code == "A1" for id in finding.ids]


def tamper(statement: str, *parameters: object) -> None:
    """What only somebody with the database in their hands can do."""
    database.allow_change("accounts_auditentry")
    sql.run(statement, *parameters)


def test_entry_says_who_did_what_to_what(acme: Company, rita: User, dana: Candidate) -> None:
    audit.record("candidate.opted_out", of=acme.customer, by=rita, about=dana, source="staff")
    entry = AuditEntry.objects.latest("id")
    assert (entry.customer, entry.actor_id) == (acme.customer, rita.id)
    assert (entry.object_type, entry.object_id) == ("candidate", dana.id)
    assert audit.sentence(entry) == "recorded Do Not Text (staff)"


def test_entry_takes_ids_for_rows(acme: Company, rita: User) -> None:
    audit.record("message.queued", of=acme.customer.id, by=rita.id, count=3)
    entry = AuditEntry.objects.latest("id")
    assert (entry.customer, entry.actor_id, entry.object_id) == (acme.customer, rita.id, None)
    assert audit.sentence(entry) == "sent 3 texts"


def test_sentence_survives_a_detail_that_is_missing_and_an_action_of_yesterday() -> None:
    assert audit.sentence(AuditEntry(action="message.queued")) == "sent ? texts"
    assert audit.sentence(AuditEntry(action="fax.sent")) == "fax.sent"


def test_unregistered_action_is_refused_and_writes_nothing(acme: Company) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(KeyError):
        audit.record("fax.sent", of=acme.customer, by=None)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    "detail",
    [
        {"number": "+15105550142"},
        {"note": "call +15105550142 please"},
        {"note": "dana@example.com"},
        {"fields": ["email", "Dana.Kim+x@mail.example.org"]},
        {"deep": {"er": ["+4915112345678"]}},
        {"+15105550142": "a key"},
    ],
)
def test_detail_with_a_number_or_an_address_is_refused(
    acme: Company, detail: dict[str, Any]
) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(ValueError, match=r"team\.changed holds personal data"):
        audit.record("team.changed", of=acme.customer, by=None, **detail)
    assert AuditEntry.objects.count() == before


def test_detail_of_names_and_amounts_is_kept(acme: Company) -> None:
    detail: dict[str, Any] = {"fields": ["first_name"], "amount": 500, "team": new_id()}
    audit.record("team.changed", of=acme.customer, by=None, **detail)
    kept = AuditEntry.objects.latest("id").detail
    assert kept == json.loads(json.dumps(detail, default=str))


@pytest.mark.parametrize("change", [
    "UPDATE accounts_auditentry SET action = 'user.added'",
    "UPDATE accounts_auditentry SET detail = '{}', hash = ''",
    "DELETE FROM accounts_auditentry",
])  # fmt: skip
def test_entry_can_be_neither_changed_nor_removed(acme: Company, change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql.run(change)


def test_seal_chains_every_company_by_itself(acme: Company, globex: Company) -> None:
    waiting = AuditEntry.objects.count()
    assert (audit.seal(), audit.seal(), broken()) == (waiting, 0, [])
    for company in (acme, globex):
        entries = chain(company)
        assert [entry.link for entry in entries] == list(range(1, len(entries) + 1))
        hashes = ["", *[entry.hash for entry in entries]]
        assert [entry.previous_hash for entry in entries] == hashes[:-1]


def test_seal_goes_on_where_it_ended(acme: Company) -> None:
    audit.seal()
    last = chain(acme)[-1]
    record(acme)
    audit.seal()
    newest = chain(acme)[-1]
    assert (newest.link, newest.previous_hash) == ((last.link or 0) + 1, last.hash)


def test_seal_takes_no_more_than_it_is_told(acme: Company) -> None:
    audit.seal()
    record(acme, 5)
    assert [audit.seal(limit=3), audit.seal(limit=3), audit.seal(limit=3)] == [3, 2, 0]
    assert broken() == []


@pytest.mark.parametrize("change", [
    "action = 'team.changed'",
    "detail = '{\"n\": 1}'",
    "actor_id = gen_random_uuid()",
    "at = at + interval '1 second'",
    "hash = repeat('0', 64)",
])  # fmt: skip
def test_seal_shows_an_entry_that_was_changed(acme: Company, change: str) -> None:
    audit.seal()
    entry = chain(acme)[2]
    tamper(f"UPDATE accounts_auditentry SET {change} WHERE id = %s", entry.id)  # noqa: S608
    assert str(entry.id) in map(str, broken())


def test_seal_shows_an_entry_that_is_gone(acme: Company) -> None:
    audit.seal()
    _, _, gone, after = chain(acme)[:4]
    tamper("DELETE FROM accounts_auditentry WHERE id = %s", gone.id)
    assert str(after.id) in map(str, broken())


def test_sealing_at_once_leaves_one_chain(open_acme: Company) -> None:
    audit.seal()
    before = len(chain(open_acme))
    record(open_acme, 30)
    race(5, lambda _: audit.seal())
    audit.seal()
    assert [entry.link for entry in chain(open_acme)] == list(range(1, before + 31))
    assert broken() == []
