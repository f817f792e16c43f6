"""The main job, from sign-in to START, with a real worker and the carrier over HTTP."""

import re
from uuid import uuid4

import pytest
import requests

from tests.journeys.product import Product, Visitor, until

pytestmark = pytest.mark.main_journey

BALANCE = """
SELECT balance FROM credits_balance JOIN accounts_customer c ON c.id = customer_id
WHERE c.name = 'Acme'
"""
STATES = """
SELECT m.body, m.state
FROM messaging_message m JOIN messaging_candidate c ON c.id = m.candidate_id
WHERE c.last_name = %s AND m.direction = 'out' AND m.kind <> 'compliance'
ORDER BY m.created_at, m.id
"""
NUMBER = "+15105550177"


def add_candidate(rita: Visitor, first: str, last: str, number: str) -> str:
    """Through the form; returns the candidate's address."""
    fields = {"first_name": first, "last_name": last, "number": number, "country": "US"}
    page = rita.post("/candidates/new/", fields | {"kind": "candidate", "consent": "application"})
    assert re.search(r"/candidates/[0-9a-f-]{36}/$", page.url), page.text
    return page.url.removeprefix(rita.base)


def open_thread(rita: Visitor, candidate: str) -> str:
    page = rita.post(f"{candidate}text/", {}, at=candidate)
    assert re.search(r"/inbox/[a-z-]+/[0-9a-f-]{36}/$", page.url), page.url
    return page.url.removeprefix(rita.base)


def send(rita: Visitor, thread: str, body: str, client_id: str = "") -> requests.Response:
    return rita.post(
        f"{thread}send/", {"body": body, "client_id": client_id or str(uuid4())}, at=thread
    )


def send_now(product: Product) -> None:
    """Nobody waits five seconds for the undo in this journey."""
    product.rows_connection.execute("UPDATE accounts_user SET undo_seconds = 0")


def test_the_main_job(product: Product) -> None:
    send_now(product)
    rita = product.sign_in("rita@acme.example")
    before = product.value(BALANCE)
    thread = open_thread(rita, add_candidate(rita, "Dee", "Journey", "(510) 555-0177"))

    send(rita, thread, "Hi $firstName, this is $myFirstName from $company.")
    until(lambda: product.rows(STATES, "Journey") == [
        ("Hi Dee, this is Rita from Acme.", "delivered")
    ])  # fmt: skip
    assert product.value(BALANCE) == before - 1
    accepted = [text for text in product.truth() if text["to"] == NUMBER]
    assert [text["body"] for text in accepted] == ["Hi Dee, this is Rita from Acme."]

    product.text_from(NUMBER, "Yes, Thursday works 👍")
    until(lambda: "Yes, Thursday works 👍" in rita.get(thread).text)

    send(rita, thread, "A second text the same day")
    until(
        lambda: (
            product.rows(STATES, "Journey")[-1:] == [("A second text the same day", "delivered")]
        )
    )
    assert product.value(BALANCE) == before - 1

    product.text_from(NUMBER, "Stop!")
    until(lambda: "Do Not Text" in rita.get(thread).text)
    refused = send(rita, thread, "One more thing, a draft to keep")
    assert "Only Dee can change this" in refused.text
    assert len(product.rows(STATES, "Journey")) == 2

    product.text_from(NUMBER, "START")
    until(lambda: "Only Dee can change this" not in rita.get(thread).text)
    send(rita, thread, "Welcome back")
    until(lambda: product.rows(STATES, "Journey")[-1] == ("Welcome back", "delivered"))
    assert product.value(BALANCE) == before - 1
    confirmations = [text["body"] for text in product.truth() if text["to"] == NUMBER]
    assert len(confirmations) == 5
    assert "no more texts from Acme" in confirmations[2]


def test_a_text_of_another_company_is_as_absent_as_none(product: Product) -> None:
    rita, gus = product.sign_in("rita@acme.example"), product.sign_in("gus@globex.example")
    candidate = add_candidate(rita, "Canary", "Secret", "(510) 555-0178")
    thread = open_thread(rita, candidate)
    for address in (candidate, thread):
        theirs = gus.get(address)
        absent = gus.get(re.sub(r"[0-9a-f]{8}-", "00000000-", address))
        assert (theirs.status_code, absent.status_code) == (404, 404)
        assert theirs.text == absent.text
