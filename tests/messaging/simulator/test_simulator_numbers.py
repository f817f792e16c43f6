"""Numbers: rented, changed, released, looked for."""

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from tests.messaging.simulator.program import NUMBER, OTHER_NUMBER, Program


def test_list_shows_own_numbers_only(carrier: Program, client: Client) -> None:
    [number] = client.incoming_phone_numbers.list()
    assert (number.phone_number, number.sms_url) == (NUMBER, "")
    assert client.incoming_phone_numbers.list(phone_number=OTHER_NUMBER) == []


def test_available_number_can_be_rented_and_released(carrier: Program, client: Client) -> None:
    local = client.available_phone_numbers("US").local
    [found] = local.list(area_code="510", limit=1, page_size=1)
    assert (found.phone_number, found.iso_country) == ("+15105550100", "US")
    rented = client.incoming_phone_numbers.create(
        phone_number=found.phone_number, sms_url="http://127.0.0.1/in"
    )
    assert (rented.phone_number, rented.sms_url) == ("+15105550100", "http://127.0.0.1/in")
    assert [n.phone_number for n in local.list(area_code="510", limit=1)] == ["+15105550103"]
    assert client.incoming_phone_numbers(rented.sid).delete() is True
    assert len(client.incoming_phone_numbers.list()) == 1


def test_rent_by_area_code_takes_the_next_free(carrier: Program, client: Client) -> None:
    assert client.incoming_phone_numbers.create(area_code="415").phone_number == "+14155550100"


def test_rent_refuses_a_taken_number(carrier: Program, client: Client) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client.incoming_phone_numbers.create(phone_number=OTHER_NUMBER)
    assert (caught.value.status, caught.value.code) == (400, 21422)


def test_update_changes_the_webhook(carrier: Program, client: Client) -> None:
    [number] = client.incoming_phone_numbers.list()
    number.update(sms_url="http://127.0.0.1/new", friendly_name="Rita")
    fetched = client.incoming_phone_numbers(number.sid).fetch()
    assert (fetched.sms_url, fetched.friendly_name) == ("http://127.0.0.1/new", "Rita")


def test_available_numbers_of_an_unknown_country_answer_404(
    carrier: Program, client: Client
) -> None:
    with pytest.raises(TwilioException, match="20404"):
        client.available_phone_numbers("XX").local.list()


def test_numbers_page(carrier: Program, client: Client) -> None:
    for _ in range(4):
        client.incoming_phone_numbers.create(area_code="415")
    found = client.incoming_phone_numbers.list(page_size=2)
    assert [n.phone_number for n in found] == [
        NUMBER,
        "+14155550100",
        "+14155550101",
        "+14155550102",
        "+14155550103",
    ]
