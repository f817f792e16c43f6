"""Receipts, inbound texts, the block list and the moods of phones."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.messaging.simulator.program import (
    ACCOUNT,
    DANA,
    NUMBER,
    OMAR,
    Listener,
    Program,
    until,
)


def send(client: Client, listener: Listener, to: str = DANA, body: str = "Hi Dana") -> str:
    url = listener.base + "/receipt?attempt=1&x=a%20b#rc=1"
    message = client.messages.create(to=to, from_=NUMBER, body=body, status_callback=url)
    return str(message.sid)


def hook_up(carrier: Program, listener: Listener) -> None:
    given = {"account": ACCOUNT, "number": NUMBER, "sms_url": listener.base + "/inbound"}
    carrier.call("POST", "/carrier/numbers", given)


def test_receipts_come_in_order_and_signed(
    carrier: Program, client: Client, listener: Listener
) -> None:
    sid = send(client, listener)
    until(lambda: len(listener.posts) == 2)
    assert listener.statuses() == ["sent", "delivered"]
    assert [post.is_signed_for(listener.base) for post in listener.posts] == [True, True]
    assert {post.path for post in listener.posts} == {"/receipt?attempt=1&x=a%20b"}
    form = listener.posts[1].form
    assert len(form.pop("RawDlrDoneDate")) == 10
    assert form == {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": NUMBER,
        "MessageSid": sid,
        "MessageStatus": "delivered",
        "SmsSid": sid,
        "SmsStatus": "delivered",
        "To": DANA,
    }


@pytest.mark.parametrize(("mood", "code"), [("landline", "30006"), ("unreachable", "30003")])
def test_mood_ends_undelivered(
    carrier: Program, client: Client, listener: Listener, mood: str, code: str
) -> None:
    carrier.mood(DANA, mood)
    sid = send(client, listener)
    until(lambda: len(listener.posts) == 2)
    assert listener.statuses() == ["sent", "undelivered"]
    assert listener.posts[1].form["ErrorCode"] == code
    assert client.messages(sid).fetch().error_code == int(code)


@pytest.mark.parametrize(
    ("mood", "code"), [("invalid", 21211), ("opted_out", 21610), ("no_route", 21612)]
)
def test_mood_refuses_at_create(
    carrier: Program, client: Client, listener: Listener, mood: str, code: int
) -> None:
    carrier.mood(DANA, mood)
    with pytest.raises(TwilioRestException) as caught:
        send(client, listener)
    assert caught.value.code == code
    assert carrier.truth() == []


@pytest.mark.parametrize(
    ("mood", "answer"),
    [
        ("answers", "Hi, yes I am interested. What does it pay?"),
        ("stops", "STOP"),
        ("wrong_person", "Wrong number, I do not know who this is."),
    ],
)
def test_mood_writes_back(
    carrier: Program, client: Client, listener: Listener, mood: str, answer: str
) -> None:
    carrier.mood(DANA, mood)
    send(client, listener)
    until(lambda: carrier.truth("inbound"))
    assert [m["body"] for m in carrier.truth("inbound")] == [answer]


def test_scripted_answers_end(carrier: Program, client: Client) -> None:
    carrier.mood(DANA, "answers")
    for _ in range(6):
        client.messages.create(to=DANA, from_=NUMBER, body="Hi")
    until(lambda: len(carrier.truth("inbound")) == 4)
    until(lambda: carrier.call("GET", "/carrier/counts")["status_delivered"] == 6)
    assert len(carrier.truth("inbound")) == 4


def test_inbound_text_is_posted_signed(
    carrier: Program, client: Client, listener: Listener
) -> None:
    hook_up(carrier, listener)
    sid = carrier.text_from(DANA, "Yes & no: 退订 ")
    [post] = listener.posts
    assert post.is_signed_for(listener.base)
    assert len(post.headers["i-twilio-idempotency-token"]) > 0
    assert post.form == {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": "Yes & no: 退订 ",
        "From": DANA,
        "FromCity": "",
        "FromCountry": "US",
        "FromState": "",
        "FromZip": "",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": NUMBER,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "",
        "ToZip": "",
    }
    assert client.messages(sid).fetch().direction == "inbound"


def test_failed_connection_is_tried_once_more(carrier: Program, listener: Listener) -> None:
    hook_up(carrier, listener)
    listener.drop = 1
    carrier.text_from(DANA, "first")
    listener.drop = 2
    carrier.text_from(DANA, "second")
    assert [post.form["Body"] for post in listener.posts] == ["first"]
    assert [m["answer"] for m in carrier.truth("inbound")] == ["204", "0"]


@pytest.mark.parametrize("word", ["STOP", "stop", " Revoke ", "OPTOUT"])
def test_stop_blocks_this_pair_until_start(
    carrier: Program, client: Client, listener: Listener, word: str
) -> None:
    carrier.text_from(DANA, word)
    with pytest.raises(TwilioRestException) as caught:
        send(client, listener)
    assert caught.value.code == 21610
    send(client, listener, to=OMAR)
    carrier.text_from(DANA, "START")
    send(client, listener)
    assert [m["to"] for m in carrier.truth()] == [OMAR, DANA]


def test_stop_in_a_sentence_blocks_nothing(
    carrier: Program, client: Client, listener: Listener
) -> None:
    carrier.text_from(DANA, "STOP PLEASE")
    send(client, listener)
    assert len(carrier.truth()) == 1


def test_block_list_can_be_off(carrier: Program, client: Client, listener: Listener) -> None:
    carrier.call("POST", "/carrier/settings", {"block_list": False})
    carrier.text_from(DANA, "STOP")
    send(client, listener)
    assert len(carrier.truth()) == 1


def test_callbacks_can_be_off(carrier: Program, client: Client, listener: Listener) -> None:
    carrier.call("POST", "/carrier/settings", {"callbacks": False})
    sid = send(client, listener)
    until(lambda: client.messages(sid).fetch().status == "delivered")
    assert listener.posts == []
