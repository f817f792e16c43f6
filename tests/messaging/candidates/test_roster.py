"""Adding people: what is refused writes nothing, and one number is one person."""

from typing import Any

import pytest

from accounts.models import AuditEntry, User
from credits.models import ContactWindow
from messaging.candidates import addresses, roster
from messaging.candidates.consent import Evidence
from messaging.candidates.models import Address, Candidate, Consent
from tests.racing import kinds, race
from textengage.cast import Company
from textengage.lib.refusal import Refused

LANDLINE_IN_GERMANY = "+49 30 901820"


def add(company: Company, **changed: Any) -> Candidate:
    given: dict[str, Any] = {
        "first_name": "Dana",
        "last_name": "Kim",
        "number": "(510) 555-0142",
        "by": next(iter(company.people.values())),
    }
    return roster.add(company.customer, **(given | changed))


def rows() -> list[int]:
    models = (Candidate, Address, Consent, ContactWindow, AuditEntry)
    return [model.objects.count() for model in models]


def test_add_stores_the_number_once_and_for_all_in_one_form(acme: Company) -> None:
    candidate = add(acme)
    address = Address.objects.get()
    assert (candidate.name, candidate.created_by) == ("Dana Kim", acme.people["Rita"])
    assert (address.address, address.raw) == ("+15105550142", "(510) 555-0142")
    assert (address.region, address.channel, address.candidate) == ("US", "sms", candidate)
    assert bytes(address.address_key) == addresses.key_of("sms", "+15105550142")


def test_add_makes_the_person_that_is_locked_and_charged(acme: Company) -> None:
    candidate = add(acme)
    assert ContactWindow.objects.get().contact_key == candidate.contact_key


def test_add_is_audited_without_the_person(acme: Company) -> None:
    candidate = add(acme)
    entry = AuditEntry.objects.get(action="candidate.added")
    assert (entry.actor_id, entry.object_id) == (acme.people["Rita"].id, candidate.id)
    assert entry.detail == {}


def test_add_records_the_evidence_given(acme: Company) -> None:
    consent = add(acme, evidence=Evidence("verbal", "Said yes on the phone.")).consents.get()
    assert (consent.source, consent.wording) == ("verbal", "Said yes on the phone.")
    assert (consent.actor, consent.channel) == (acme.people["Rita"], "sms")


def test_add_forgets_an_author_of_elsewhere(acme: Company, gus: User) -> None:
    assert add(acme, by=gus).created_by is None


@pytest.mark.parametrize(
    ("changed", "code", "sentence"),
    [
        ({"first_name": " "}, "blank_name", "Enter a first name and a last name."),
        ({"last_name": "\t"}, "blank_name", "Enter a first name and a last name."),
        ({"number": ""}, "invalid_number", "Enter a mobile number."),
        ({"number": "Dana"}, "invalid_number", "This is not a phone number."),
        ({"number": LANDLINE_IN_GERMANY}, "invalid_number",
         "This is a landline, which cannot receive texts."),
    ],
)  # fmt: skip
def test_refused_person_leaves_nothing(
    acme: Company, changed: dict[str, str], code: str, sentence: str
) -> None:
    before = rows()
    with pytest.raises(Refused) as refusal:
        add(acme, **changed)
    assert (refusal.value.code, refusal.value.sentence) == (code, sentence)
    assert rows() == before


@pytest.mark.parametrize("number", ["+15105550142", "510.555.0142", " 1 510 555 0142"])
def test_number_that_somebody_has_is_refused_by_name(
    acme: Company, dana: Candidate, number: str
) -> None:
    before = rows()
    with pytest.raises(Refused) as refusal:
        add(acme, first_name="Omar", number=number)
    assert (refusal.value.code, refusal.value.sentence) == (
        "duplicate_number", "Dana Kim already has this number.",
    )  # fmt: skip
    assert (refusal.value.values, rows()) == ({"candidate_id": str(dana.id)}, before)


def test_unknown_source_of_consent_leaves_nothing(acme: Company) -> None:
    before = rows()
    with pytest.raises(KeyError):
        add(acme, evidence=Evidence("rumor"))
    assert rows() == before


def test_two_companies_may_know_one_number(acme: Company, globex: Company, dana: Candidate) -> None:
    theirs = add(globex)
    assert (theirs.contact_key != dana.contact_key, Address.objects.count()) == (True, 2)


def test_ten_who_add_one_number_at_once_make_one_candidate(open_acme: Company) -> None:
    results = race(10, lambda number: add(open_acme, first_name=f"Dana{number}"))
    assert kinds(results) == {"Candidate": 1, "duplicate_number": 9}
    (made,) = [each for each in results if isinstance(each, Candidate)]
    told = {each.values["candidate_id"] for each in results if isinstance(each, Refused)}
    assert (Candidate.objects.get(), told) == (made, {str(made.id)})


def test_ten_strangers_with_one_number_are_one(open_acme: Company) -> None:
    results = race(10, lambda _: roster.add_stranger(open_acme.customer, "sms", "+15105550177"))
    assert kinds(results) == {"Address": 1, "duplicate_number": 9}
    assert (Candidate.objects.count(), Address.objects.count()) == (1, 1)


def test_stranger_from_a_short_code_is_known_by_it(acme: Company) -> None:
    made = roster.add_stranger(acme.customer, "sms", "72345")
    assert (made.address, made.region, made.number_type) == ("72345", "", "unknown")


def test_find_answers_for_one_company_and_channel(
    acme: Company, globex: Company, dana: Candidate
) -> None:
    found = roster.find(acme.customer, "sms", "+15105550142")
    assert found is not None
    assert found.candidate == dana
    assert roster.find(globex.customer, "sms", "+15105550142") is None
    assert roster.find(acme.customer, "whatsapp", "+15105550142") is None


def test_change_audits_the_names_of_what_differs(
    acme: Company, dana: Candidate, rita: User
) -> None:
    roster.change(dana, {"first_name": "Dani", "last_name": "Kim", "job": "Nurse"}, by=rita)
    dana.refresh_from_db()
    assert (dana.first_name, dana.job) == ("Dani", "Nurse")
    entry = AuditEntry.objects.get(action="candidate.changed")
    assert entry.detail == {"fields": ["first_name", "job"]}


def test_change_of_nothing_is_not_audited(acme: Company, dana: Candidate, rita: User) -> None:
    before = rows()
    roster.change(dana, {"first_name": "Dana"}, by=rita)
    assert rows() == before
