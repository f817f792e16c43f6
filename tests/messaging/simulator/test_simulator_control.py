"""The carrier's own API, its pages and its life as a process."""

import time
from typing import Any
from urllib.error import HTTPError

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from messaging.simulator.segments import segment_count
from tests.messaging.simulator.program import ACCOUNT, DANA, NUMBER, OMAR, Program, until


def test_truth_counts_and_continues(carrier: Program, client: Client) -> None:
    for body in ("one", "two", "three"):
        client.messages.create(to=DANA, from_=NUMBER, body=body)
    carrier.text_from(DANA, "Yes")
    seen = carrier.call("GET", "/carrier/truth?since=1")
    assert [entry["body"] for entry in seen["messages"]] == ["two", "three"]
    assert seen["seq"] == 4
    counts = seen["counts"]
    assert (counts["requests"], counts["accepted"], counts["inbound"]) == (3, 3, 1)
    lines = requests.get(carrier.base + "/carrier/truth?format=lines&limit=2", timeout=5).text
    assert lines.count("\n") == 2


def test_refused_requests_are_counted(carrier: Program, client: Client) -> None:
    with pytest.raises(TwilioRestException):
        client.messages.create(to=DANA, from_=NUMBER, body="")
    counts = carrier.call("GET", "/carrier/counts")
    assert counts == {"requests": 1, "accepted": 0, "inbound": 0, "refused_21602": 1}


def test_reset_keeps_what_was_rented_unless_everything(carrier: Program) -> None:
    token = {"sid": "AC" + "d" * 32, "token": "v" * 32}
    carrier.call("POST", "/carrier/accounts", token)
    carrier.call("POST", "/carrier/numbers", {"account": ACCOUNT, "number": OMAR})
    carrier.text_from(DANA, "Yes")
    carrier.call("POST", "/carrier/reset", {})
    assert (carrier.truth("all"), len(carrier.call("GET", "/carrier/numbers"))) == ([], 3)
    carrier.call("POST", "/carrier/reset", {"everything": True})
    assert len(carrier.call("GET", "/carrier/numbers")) == 2


def test_text_from_phone_goes_to_the_number_that_wrote_last(
    carrier: Program, client: Client
) -> None:
    client.messages.create(to=OMAR, from_=NUMBER, body="Hi Omar")
    carrier.call("POST", f"/carrier/phones/{OMAR}/send", {"body": "Yes"})
    assert [m["to"] for m in carrier.truth("inbound")] == [NUMBER]


def test_phone_counts_unread_until_seen(carrier: Program, client: Client) -> None:
    client.messages.create(to=DANA, from_=NUMBER, body="Hi Dana")
    until(lambda: carrier.call("GET", "/carrier/phones")[0]["unread"] == 1)
    [phone] = carrier.call("GET", "/carrier/phones")
    assert (phone["name"], phone["number"], phone["mood"]) == ("Dana Kim", DANA, "silent")
    thread = carrier.call("GET", f"/carrier/phones/{phone['id']}?seen=1")
    assert [m["body"] for m in thread["messages"]] == ["Hi Dana"]
    assert carrier.call("GET", "/carrier/phones")[0]["unread"] == 0


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/carrier/phones", {"number": DANA, "mood": "cheerful"}),
        ("/carrier/phones", {"number": "Dana"}),
        ("/carrier/settings", {"sent_after": "soon"}),
        ("/carrier/settings", [1]),
        ("/carrier/faults", {"plan": {"earthquake": True}}),
        ("/carrier/faults", {"plan": {"latency": {"minutes": 1}}}),
        ("/carrier/accounts", {"sid": "AC1"}),
        (f"/carrier/phones/{DANA}/send", {"body": ""}),
        (f"/carrier/phones/{DANA}/send", {"body": "Hi", "to": OMAR}),
    ],
)
def test_control_refuses_what_it_cannot_read(carrier: Program, path: str, given: Any) -> None:
    with pytest.raises(HTTPError) as caught:
        carrier.call("POST", path, given)
    caught.value.close()
    assert caught.value.code == 400
    assert carrier.truth("all") == []


def test_control_refuses_a_page_of_another_site(carrier: Program) -> None:
    with pytest.raises(HTTPError) as caught:
        carrier.call("POST", "/carrier/reset", {}, **{"Sec-Fetch-Site": "cross-site"})
    caught.value.close()
    assert caught.value.code == 403


@pytest.mark.parametrize("path", ["/", "/phones/abc/", "/desk/", "/static/handsets.css"])
def test_pages_carry_a_strict_policy(carrier: Program, path: str) -> None:
    answer = requests.get(carrier.base + path, timeout=5)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert (policy.startswith("default-src 'self';"), "unsafe" in policy) == (True, False)


def test_static_serves_its_own_files_only(carrier: Program) -> None:
    assert requests.get(carrier.base + "/static/..%2Fapp.py", timeout=5).status_code == 404


def test_terminate_ends_with_an_open_stream() -> None:
    running = Program()
    stream = requests.get(running.base + "/carrier/events", stream=True, timeout=5)
    assert stream.status_code == 200
    started = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - started < 1
    stream.close()


def test_forget_bounds_what_is_kept() -> None:
    running = Program("--account", "AC1:t", "--number", f"AC1:{NUMBER}", "--forget", "3")
    for n in range(10):
        running.text_from(DANA, str(n))
    kept = [entry["body"] for entry in running.truth("all")]
    assert (kept[-1], 3 <= len(kept) <= 6) == ("9", True)
    assert running.call("GET", "/carrier/counts")["inbound"] == 10
    assert len(running.call("GET", f"/carrier/phones/{DANA}")["messages"]) == len(kept)
    running.stop()


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 153, 3),
        ("\u2019" * 70, 1),
        ("\u2019" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a`", 1),
    ],
)
def test_segments_are_counted_as_twilio_does(body: str, segments: int) -> None:
    assert segment_count(body) == segments
