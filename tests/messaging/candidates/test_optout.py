"""Do Not Text belongs to the person's addresses, whoever holds them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.candidates import addresses, optout, roster
from messaging.candidates.models import Address, Candidate, OptOut, OptOutMember
from messaging.candidates.optout import InForce
from messaging.dispatch import stopping
from textengage.cast import Company
from textengage.lib.ids import new_id

NUMBER, OTHER = "+15105550142", "+15105550188"


def is_stopped(company: Company, number: str = NUMBER, channel: str = "sms") -> bool:
    return bool(optout.in_force([(company.customer.id, addresses.key_of(channel, number))]))


def stop(candidate: Candidate) -> OptOut:
    given = stopping.stop(candidate, source="staff", evidence="Told us by phone")
    assert given is not None
    return given


def attach(candidate: Candidate, number: str = OTHER, channel: str = "sms") -> Address:
    """A further address, as every way of adding one attaches it."""
    made = Address.objects.create(
        customer=candidate.customer,
        candidate=candidate,
        channel=channel,
        address=number,
        address_key=addresses.key_of(channel, number),
    )
    optout.join(candidate, made)
    return made


def start(address: Address) -> int:
    return stopping.resume(address.candidate, from_address_id=address.id, message_id=new_id())


def test_opt_out_holds_for_every_address(acme: Company, dana: Candidate) -> None:
    attach(dana)
    attach(dana, "4477", "whatsapp")
    given = stop(dana)
    assert set(given.members.values_list("since", flat=True)) == {given.effective_at}
    assert is_stopped(acme)
    assert is_stopped(acme, OTHER)
    assert is_stopped(acme, "4477", "whatsapp")


def test_opt_out_is_given_once(dana: Candidate) -> None:
    stop(dana)
    assert stopping.stop(dana, source="inbound", word="STOP") is None
    assert OptOut.objects.count() == 1


def test_second_address_joins_from_now_on(acme: Company, dana: Candidate) -> None:
    given = stop(dana)
    attach(dana)
    assert is_stopped(acme, OTHER)
    since = list(OptOutMember.objects.order_by("since").values_list("since", flat=True))
    assert (len(since), since[0], since[1] > given.effective_at) == (2, given.effective_at, True)


def test_joining_again_keeps_the_first_instant(dana: Candidate) -> None:
    given = stop(dana)
    optout.join(dana, dana.addresses.get())
    assert OptOutMember.objects.get().since == given.effective_at


def test_opt_out_survives_the_number_being_added_to_somebody_else(
    acme: Company, dana: Candidate
) -> None:
    given = stop(dana)
    dana.addresses.all().delete()
    assert is_stopped(acme)
    heir = roster.add(
        acme.customer, first_name="Omar", last_name="Haddad", number="510 555 0142", by=None
    )
    assert optout.state_of(heir) == given


def test_opt_out_survives_the_person(acme: Company, dana: Candidate) -> None:
    given = stop(dana)
    dana.delete()
    assert optout.state_of(roster.add_stranger(acme.customer, "sms", NUMBER).candidate) == given


def test_number_that_moves_brings_its_opt_out_to_all_of_the_heirs_addresses(
    acme: Company, dana: Candidate, omar: Candidate
) -> None:
    stop(dana)
    dana.addresses.all().delete()
    attach(omar, NUMBER)
    assert is_stopped(acme, "+15105550143")


def test_lifted_opt_out_does_not_come_back_with_the_number(acme: Company, dana: Candidate) -> None:
    stop(dana)
    start(dana.addresses.get())
    dana.addresses.all().delete()
    heir = roster.add_stranger(acme.customer, "sms", NUMBER).candidate
    assert (optout.state_of(heir), is_stopped(acme)) == (None, False)


def test_start_from_any_address_lifts_the_whole(acme: Company, dana: Candidate) -> None:
    stop(dana)
    second = attach(dana)
    assert (start(second), start(second)) == (1, 0)
    assert (is_stopped(acme), is_stopped(acme, OTHER)) == (False, False)


def test_other_company_may_still_text(acme: Company, globex: Company, dana: Candidate) -> None:
    theirs = roster.add_stranger(globex.customer, "sms", NUMBER)
    stop(dana)
    assert (is_stopped(acme), is_stopped(globex)) == (True, False)
    assert start(theirs) == 0
    assert is_stopped(acme)


@pytest.mark.parametrize("count", [1, 3])
def test_in_force_answers_for_many_in_one_query(acme: Company, count: int) -> None:
    numbers = [f"+1510555{1000 + number}" for number in range(count)]
    made = [roster.add_stranger(acme.customer, "sms", each).candidate for each in numbers]
    given = [stop(each) for each in made]
    keys = [(acme.customer.id, addresses.key_of("sms", each)) for each in numbers]
    with CaptureQueriesContext(connection) as queries:
        found = optout.in_force([*keys, *keys, (acme.customer.id, b"nobody")])
    assert found == {key: [InForce(each.id, None)] for key, each in zip(keys, given, strict=True)}
    assert len(queries) == 1


def test_one_address_hashes_differently_on_another_channel() -> None:
    sms, whatsapp = (addresses.key_of(channel, NUMBER) for channel in ("sms", "whatsapp"))
    assert (len(sms), sms != whatsapp, sms == addresses.key_of("sms", NUMBER)) == (32, True, True)
