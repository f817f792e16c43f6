"""What people and strangers get wrong: a clear sentence, nothing lost, nothing twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from tests.journeys.product import DANA_NUMBER, Product, Visitor, until
from tests.journeys.test_broker import thread_with_dana
from tests.journeys.test_main import send, send_now

ACCOUNT = """
SELECT a.id, a.account_sid FROM messaging_provideraccount a
JOIN accounts_customer c ON c.id = a.customer_id WHERE c.name = 'Acme'
"""


@pytest.fixture
def rita(product: Product) -> Visitor:
    send_now(product)
    return product.sign_in("rita@acme.example")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "Enter a mobile number."),
        ("call me", "This is not a phone number"),
        ("+1 510 555 01", "This number does not exist"),
        ("+44 20 7946 0018", "This is a landline"),
        ("1.4155E+10", "A spreadsheet rounded this number"),
        ("(510) 555-0142", "Dana Kim already has this number"),
    ],
)
def test_number_that_cannot_be_texted_is_explained(
    product: Product, rita: Visitor, number: str, sentence: str
) -> None:
    count = "SELECT count(*) FROM messaging_candidate"
    before = product.value(count)
    fields = {"first_name": "Kept", "last_name": "Typed", "number": number, "country": "US"}
    page = rita.post("/candidates/new/", fields | {"kind": "candidate", "consent": ""})
    assert sentence in page.text
    assert 'value="Kept"' in page.text
    assert product.value(count) == before


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("   ", "Write something first"),
        ("x" * 1_601, "1 character too long"),
        ("a\x00b", "a character that cannot be sent"),
    ],
)
def test_text_that_cannot_go_keeps_the_draft(
    product: Product, rita: Visitor, body: str, sentence: str
) -> None:
    count = "SELECT count(*) FROM messaging_message"
    before = product.value(count)
    page = send(rita, thread_with_dana(product, rita), body)
    assert sentence in page.text
    assert body.replace("\x00", "").strip() in page.text
    assert product.value(count) == before


def test_double_click_sends_one_text(product: Product, rita: Visitor) -> None:
    thread, client_id = thread_with_dana(product, rita), str(uuid4())
    body = f"pressed twice {client_id}"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: send(rita, thread, body, client_id), range(8)))
    until(lambda: body in [text["body"] for text in product.truth()])
    send(rita, thread, body, client_id)
    until(lambda: "delivered" in product.value(
        "SELECT state FROM messaging_message WHERE id = %s", client_id
    ))  # fmt: skip
    assert [text["body"] for text in product.truth()].count(body) == 1


def test_webhooks_that_nobody_signed_change_nothing(product: Product) -> None:
    ((account, sid),) = product.rows(ACCOUNT)
    hooks = f"{product.base}/hooks/twilio/{account}"
    fields = {"AccountSid": sid, "MessageSid": "SM" + "1" * 32, "From": DANA_NUMBER, "Body": "Hi"}
    forged = {"X-Twilio-Signature": "bm90IHRoZSBzaWduYXR1cmU="}
    count = "SELECT (SELECT count(*) FROM messaging_inboundevent) + count(*) FROM messaging_receipt"
    before = product.value(count)
    unknown = hooks.replace(str(account), str(uuid4()))
    for headers in ({}, forged):
        for address in (f"{hooks}/inbound/", f"{hooks}/receipts/{uuid4()}/", f"{unknown}/inbound/"):
            answer = requests.post(address, fields, headers=headers, timeout=5)
            assert (answer.status_code, answer.content) == (403, b"")
    assert requests.get(f"{hooks}/inbound/", timeout=5).status_code == 405
    assert product.value(count) == before


def test_repeated_webhook_makes_one_text(product: Product, rita: Visitor) -> None:
    thread = thread_with_dana(product, rita)
    product.play("/carrier/faults", {"plan": {"duplicate_inbound": {"next": 1}}})
    body = f"posted twice {uuid4()}"
    product.text_from(DANA_NUMBER, body)
    until(lambda: body in rita.get(thread).text)
    struck = requests.get(f"{product.carrier}/carrier/faults", timeout=5).json()
    assert re.search(r"duplicate_inbound\W+1", str(struck)), struck
    # The list of threads shows it as well; the thread itself has it once.
    assert rita.get(thread).text.count(f"<span data-body>{body}</span>") == 1
    assert product.value("SELECT count(*) FROM messaging_message WHERE body = %s", body) == 1
