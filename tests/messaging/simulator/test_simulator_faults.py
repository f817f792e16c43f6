"""Misbehaviour on request, seen through the official client."""

import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.messaging.simulator.program import DANA, NUMBER, OMAR, Listener, Program, until
from tests.messaging.simulator.test_simulator_receipts import hook_up, send


def struck(carrier: Program) -> dict[str, int]:
    counted: dict[str, int] = carrier.call("GET", "/carrier/faults")["struck"]
    return counted


def test_latency_delays_the_answer(carrier: Program, client: Client, listener: Listener) -> None:
    carrier.faults(latency={"seconds": 0.2})
    started = time.monotonic()
    send(client, listener)
    assert time.monotonic() - started >= 0.2
    assert struck(carrier) == {"latency": 1}


def test_429_names_a_wait_and_accepts_nothing(carrier: Program) -> None:
    carrier.faults(refuse_429={"next": 1, "retry_after": 3})
    client = carrier.client()
    answer = requests.post(
        f"{carrier.base}/2010-04-01/Accounts/{client.username}/Messages.json",
        data={"To": DANA, "From": NUMBER, "Body": "Hi"},
        auth=(client.username, client.password),
        timeout=5,
    )
    client.http_client.session.close()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert answer.json() == {
        "code": 20429,
        "message": "Too Many Requests",
        "more_info": "https://www.twilio.com/docs/errors/20429",
        "status": 429,
    }
    assert carrier.truth() == []


@pytest.mark.parametrize(
    ("kind", "accepted", "answer"),
    [("error_500_before", 0, []), ("error_500_after", 1, ["500"])],
)
def test_500_before_or_after_accepting(
    carrier: Program,
    client: Client,
    listener: Listener,
    kind: str,
    accepted: int,
    answer: list[str],
) -> None:
    carrier.faults(**{kind: True})
    with pytest.raises(TwilioRestException) as caught:
        send(client, listener)
    assert (caught.value.status, caught.value.code) == (500, 20500)
    assert [entry["answer"] for entry in carrier.truth()] == answer
    until(lambda: len(listener.posts) == 2 * accepted)


@pytest.mark.parametrize("kind", ["drop_answer", "half_body"])
def test_lost_answer_leaves_an_accepted_text(
    carrier: Program, client: Client, listener: Listener, kind: str
) -> None:
    carrier.faults(**{kind: {"next": 1}})
    with pytest.raises(requests.exceptions.RequestException):
        send(client, listener)
    until(lambda: listener.statuses() == ["sent", "delivered"])
    send(client, listener)
    assert len(carrier.truth()) == 2


def test_receipt_comes_before_the_answer(
    carrier: Program, client: Client, listener: Listener
) -> None:
    carrier.faults(receipt_first=True)
    sid = send(client, listener)
    assert [post.form["MessageSid"] for post in listener.posts[:1]] == [sid]
    until(lambda: listener.statuses() == ["sent", "delivered"])


def test_receipts_are_repeated(carrier: Program, client: Client, listener: Listener) -> None:
    carrier.faults(duplicate_receipts=True)
    send(client, listener)
    until(lambda: len(listener.posts) == 4)
    assert sorted(listener.statuses()) == ["delivered", "delivered", "sent", "sent"]


def test_receipts_are_reordered(carrier: Program, client: Client, listener: Listener) -> None:
    carrier.faults(reorder_receipts=True)
    send(client, listener)
    until(lambda: listener.statuses() == ["delivered", "sent"])


def test_receipts_are_withheld(carrier: Program, client: Client, listener: Listener) -> None:
    carrier.faults(no_receipts=True)
    sid = send(client, listener)
    until(lambda: client.messages(sid).fetch().status == "delivered")
    assert listener.posts == []
    assert struck(carrier) == {"no_receipts": 2}


def test_lost_inbound_text_is_still_listed(
    carrier: Program, client: Client, listener: Listener
) -> None:
    hook_up(carrier, listener)
    carrier.faults(lose_inbound={"next": 1})
    carrier.text_from(DANA, "lost")
    carrier.text_from(DANA, "found")
    assert [post.form["Body"] for post in listener.posts] == ["found"]
    assert [m.body for m in client.messages.list(to=NUMBER)] == ["found", "lost"]


def test_inbound_text_is_repeated(carrier: Program, listener: Listener) -> None:
    hook_up(carrier, listener)
    carrier.faults(duplicate_inbound=True)
    sid = carrier.text_from(DANA, "Yes")
    until(lambda: [post.form["MessageSid"] for post in listener.posts] == [sid, sid])


def test_fault_strikes_one_number_only(
    carrier: Program, client: Client, listener: Listener
) -> None:
    carrier.faults(error_500_before={"to": OMAR})
    send(client, listener)
    with pytest.raises(TwilioRestException):
        send(client, listener, to=OMAR)
    assert [entry["to"] for entry in carrier.truth()] == [DANA]


def test_seeded_plan_repeats_itself(carrier: Program, client: Client) -> None:
    def outcomes(seed: int) -> list[bool]:
        given = {"seed": seed, "plan": {"error_500_before": 0.5}}
        carrier.call("POST", "/carrier/faults", given)
        seen = []
        for _ in range(20):
            try:
                client.messages.create(to=DANA, from_=NUMBER, body="Hi")
                seen.append(True)
            except TwilioRestException:
                seen.append(False)
        return seen

    first = outcomes(1)
    assert (outcomes(1), True in first, False in first) == (first, True, True)
    assert outcomes(2) != first


def test_faults_end(carrier: Program, client: Client, listener: Listener) -> None:
    carrier.faults(error_500_before=True, latency={"seconds": 9})
    carrier.faults(latency=False)
    assert list(carrier.call("GET", "/carrier/faults")["plan"]) == ["error_500_before"]
    carrier.call("DELETE", "/carrier/faults")
    send(client, listener)
    assert len(carrier.truth()) == 1
