"""What providers call: verified, capped, stored once, answered after the commit."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from psycopg_pool import AsyncConnectionPool

from messaging.conversations.models import Receipt
from messaging.hooks import MOST_BYTES, Hooks
from messaging.inbound.models import InboundEvent
from messaging.providers import _signature
from messaging.senders.models import ProviderAccount
from tests.conftest import TOKEN
from tests.messaging.posting import FORM, in_turn, one, post, signed
from textengage import cast
from textengage.cast import ACME_SID, GLOBEX_SID, Company

pytestmark = pytest.mark.usefixtures("everyone")

HELLO = {
    "MessageSid": "SM1",
    "From": "+15105550142",
    "To": "+15105550101",
    "Body": "Hello",
}


@pytest.fixture
def inbound(open_acme: Company) -> str:
    """Where texts to Acme's numbers go."""
    return f"/hooks/twilio/{open_acme.account.id}/inbound/"


@pytest.fixture
def receipts(open_acme: Company) -> str:
    return f"/hooks/twilio/{open_acme.account.id}/receipts/{uuid4()}/"


def stored() -> int:
    return InboundEvent.objects.count() + Receipt.objects.count()


def test_signed_text_is_stored_as_it_came(open_acme: Company, inbound: str) -> None:
    assert one(inbound, signed(inbound, **HELLO, Extra="new field")) == 204
    event = InboundEvent.objects.get()
    assert event.body == HELLO | {"AccountSid": ACME_SID, "Extra": "new field"}
    assert (event.customer, event.account, event.event_key) == (
        open_acme.customer,
        open_acme.account,
        "SM1",
    )
    assert (event.processed_at, event.attempts, event.parked) == (None, 0, False)


def test_signed_receipt_is_stored_with_its_attempt(open_acme: Company, receipts: str) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    assert one(receipts, signed(receipts, **form)) == 204
    receipt = Receipt.objects.get()
    assert (receipt.customer, receipt.account) == (open_acme.customer, open_acme.account)
    assert str(receipt.attempt_id) == receipts.split("/")[-2]
    assert (receipt.provider_sid, receipt.status, receipt.error_code) == (
        "SM1",
        "undelivered",
        "30003",
    )


def test_repeated_event_is_stored_once(inbound: str, receipts: str) -> None:
    text = signed(inbound, **HELLO)
    assert post(inbound, *[text] * 20) == [204] * 20
    receipt = signed(receipts, MessageSid="SM1", MessageStatus="sent")
    assert post(receipts, *[receipt] * 20) == [204] * 20
    assert (InboundEvent.objects.count(), Receipt.objects.count()) == (1, 1)


FORGED: list[dict[str, Any]] = [
    {"x_twilio_signature": ""},
    {"x_twilio_signature": "AAAA"},
    {"x_twilio_signature": "\u00ff\u00fe"},
    {"body": b"AccountSid=" + ACME_SID.encode()},
    {"body": b""},
    {"content_type": "application/json"},
]


def test_request_that_is_not_signed_is_refused(inbound: str) -> None:
    requests = [signed(inbound, **HELLO) | changes for changes in FORGED]
    assert (post(inbound, *requests), stored()) == ([403] * len(FORGED), 0)


def test_request_without_a_signature_is_refused(inbound: str) -> None:
    request = signed(inbound, **HELLO)
    del request["x_twilio_signature"]
    assert (one(inbound, request), stored()) == (403, 0)


def test_address_is_taken_from_the_settings_not_from_the_request(inbound: str) -> None:
    forwarded = {"host": "evil.example", "x_forwarded_host": "evil.example"}
    assert one(inbound, signed(inbound, **HELLO) | forwarded) == 204


def test_signature_for_another_address_is_refused(inbound: str, receipts: str) -> None:
    assert (one(inbound, signed(receipts, **HELLO)), stored()) == (403, 0)


def test_query_is_part_of_what_is_signed(inbound: str) -> None:
    path = f"{inbound}?a=1&b=%20x"
    assert in_turn([(path, signed(path, **HELLO)), (path, signed(inbound, **HELLO))]) == [204, 403]


def test_another_customers_token_is_refused(inbound: str) -> None:
    globex = cast.globex("Globex's own token")
    theirs = f"/hooks/twilio/{globex.account.id}/inbound/"
    right = signed(theirs, "Globex's own token", GLOBEX_SID, **HELLO)
    crossed = signed(inbound, "Globex's own token", GLOBEX_SID, **HELLO)
    assert in_turn([(theirs, right), (inbound, crossed)]) == [204, 403]
    assert InboundEvent.objects.get().customer == globex.customer


def test_own_token_for_another_account_is_refused(inbound: str) -> None:
    assert (one(inbound, signed(inbound, TOKEN, GLOBEX_SID, **HELLO)), stored()) == (403, 0)


def test_next_token_is_accepted_during_a_rotation(open_acme: Company, inbound: str) -> None:
    account = open_acme.account
    account.set_token("the next one")
    account.sealed_token, account.sealed_next_token = (
        ProviderAccount.objects.get(id=account.id).sealed_token,
        account.sealed_token,
    )
    account.save()
    requests = [signed(inbound, token, **HELLO) for token in (TOKEN, "the next one", "neither")]
    assert post(inbound, *requests) == [204, 204, 403]


def test_unknown_account_or_provider_is_refused(open_acme: Company) -> None:
    paths = [f"/hooks/twilio/{uuid4()}/inbound/", f"/hooks/unknown/{open_acme.account.id}/inbound/"]
    assert in_turn((path, signed(path, **HELLO)) for path in paths) == [403] * 2
    assert stored() == 0


NOWHERE = [
    "/hooks/",
    "/hooks/twilio/",
    "/hooks/twilio/not-a-uuid/inbound/",
    "/hooks/twilio/------------------------------------/inbound/",
    "/hooks/twilio/{id}/inbound",
    "/hooks/twilio/{id}/outbound/",
    "/hooks/twilio/{id}/receipts/",
    "/hooks/twilio/{id}/receipts/1/",
    "/hooks/twilio/{id}/inbound/\n",
    "/hooks/TWILIO/{id}/inbound/",
    "/hooks/twilio/../{id}/inbound/",
]


def test_other_addresses_do_not_exist(open_acme: Company) -> None:
    paths = [path.format(id=open_acme.account.id) for path in NOWHERE]
    assert in_turn((path, signed(path, **HELLO)) for path in paths) == [404] * len(paths)


def test_other_methods_are_not_allowed(inbound: str) -> None:
    methods = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]
    requests = [signed(inbound, **HELLO) | {"method": method} for method in methods]
    assert (post(inbound, *requests), stored()) == ([405] * len(methods), 0)


def test_body_is_capped(inbound: str) -> None:
    small, large = MOST_BYTES - 400, MOST_BYTES + 1
    requests = [signed(inbound, **HELLO | {"Body": "x" * size}) for size in (small, large)]
    assert [post(inbound, each) for each in requests] == [[204], [413]]


def without(form: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in form.items() if key != name}


def test_form_that_is_no_text_is_a_bad_request(inbound: str) -> None:
    names = ["MessageSid", "From", "To"]
    requests = [signed(inbound, **without(HELLO, name)) for name in names]
    assert (post(inbound, *requests), stored()) == ([400] * 3, 0)


def test_form_that_is_no_receipt_is_a_bad_request(receipts: str) -> None:
    requests = [signed(receipts, MessageSid="SM1"), signed(receipts, MessageStatus="sent")]
    assert (post(receipts, *requests), stored()) == ([400] * 2, 0)


def test_nul_and_lone_surrogates_are_stored_as_replacements(inbound: str) -> None:
    assert one(inbound, signed(inbound, **HELLO | {"Body": "a\x00b"})) == 204
    assert InboundEvent.objects.get().body["Body"] == "a\ufffdb"


def test_bytes_that_are_no_utf_8_are_no_error(inbound: str) -> None:
    """Signed over the very bytes, as a provider that relays them would."""
    start = f"AccountSid={ACME_SID}&From=%2B1&To=%2B1&MessageSid=SM"
    requests = []
    for number, raw in enumerate([b"%FF%FE", b"\xff\xfe", b"%ED%A0%80"]):
        body = f"{start}{number}&Body=".encode() + raw
        tail = _signature._signed_parameters(_signature.form_pairs(body))
        mac = _signature.sign(settings.PUBLIC_URL + inbound, tail, TOKEN).decode()
        requests.append({"body": body, "x_twilio_signature": mac, "content_type": FORM})
    assert post(inbound, *requests) == [204] * 3
    bodies = [event.body["Body"] for event in InboundEvent.objects.all()]
    assert (len(bodies), set("".join(bodies)) <= {"?", "\ufffd"}) == (3, True)


def test_long_values_are_cut_not_refused(receipts: str) -> None:
    form = {"MessageSid": "S" * 100, "MessageStatus": "x" * 100, "ErrorCode": "9" * 100}
    assert one(receipts, signed(receipts, **form)) == 204
    receipt = Receipt.objects.get()
    assert [len(each) for each in (receipt.provider_sid, receipt.status, receipt.error_code)] == [
        64,
        24,
        12,
    ]


def test_receipt_of_an_unknown_attempt_is_stored(receipts: str) -> None:
    assert one(receipts, signed(receipts, MessageSid="SM1", MessageStatus="sent")) == 204
    assert stored() == 1


def test_caller_that_hangs_up_leaves_nothing(inbound: str) -> None:
    async def run() -> list[int]:
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            statuses.append(message.get("status", 0))

        scope = {"type": "http", "method": "POST", "path": inbound, "headers": []}
        await Hooks()(scope, receive, send)
        return statuses

    assert (asyncio.run(run())[0], stored()) == (400, 0)


_open = AsyncConnectionPool.__init__


def _impatient(pool: AsyncConnectionPool, **given: Any) -> None:
    _open(pool, **given | {"timeout": 0.3})


def test_database_out_of_reach_asks_the_provider_to_come_again(
    inbound: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    request = signed(inbound, **HELLO)
    monkeypatch.setattr(AsyncConnectionPool, "__init__", _impatient)
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    assert one(inbound, request) == 503
    monkeypatch.undo()
    assert (one(inbound, request), stored()) == (204, 1)


def test_nothing_of_a_request_is_logged(inbound: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    in_turn([(inbound, signed(inbound, **HELLO)), (inbound, signed(inbound, "wrong", **HELLO))])
    written = "\n".join(record.getMessage() for record in caplog.records)
    hidden = ("Hello", HELLO["From"], TOKEN, "SM1")
    assert [each for each in hidden if each in written] == []
