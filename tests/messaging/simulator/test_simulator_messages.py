"""The Messages resource through the official client."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from tests.messaging.simulator.program import (
    DANA,
    NUMBER,
    OMAR,
    OTHER_ACCOUNT,
    OTHER_NUMBER,
    OTHER_TOKEN,
    Program,
    until,
)

SERVICE = "MG" + "c" * 32


def refusal(client: Client, **create: str) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**{"to": DANA, "from_": NUMBER, "body": "Hi Dana", **create})
    return caught.value


def test_create_answers_twilios_shape(carrier: Program, client: Client) -> None:
    message = client.messages.create(to=DANA, from_=NUMBER, body="Hi Dana")
    assert message.sid is not None
    assert (len(message.sid), message.sid[:2]) == (34, "SM")
    assert (message.status, message.direction) == ("queued", "outbound-api")
    assert (message.num_segments, message.num_media) == ("1", "0")
    assert (message.price, message.date_sent, message.error_code) == (None, None, None)
    assert abs(datetime.now(UTC) - message.date_created) < timedelta(seconds=3)
    assert message.uri == f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}.json"


def test_fetch_follows_the_text_to_delivered(carrier: Program, client: Client) -> None:
    sid = client.messages.create(to=DANA, from_=NUMBER, body="Hi Dana").sid
    until(lambda: client.messages(sid).fetch().status == "delivered")
    assert client.messages(sid).fetch().date_sent is not None
    [entry] = carrier.truth()
    assert [step["status"] for step in entry["history"]] == ["queued", "sent", "delivered"]


def test_create_by_service_is_accepted_without_sender(carrier: Program, client: Client) -> None:
    message = client.messages.create(to=DANA, messaging_service_sid=SERVICE, body="Hi")
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    assert carrier.truth()[0]["from"] == NUMBER


@pytest.mark.parametrize(
    ("create", "code"),
    [
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"to": "+1510555"}, 21211),
        ({"to": "Dana"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": OTHER_NUMBER}, 21606),
        ({"from_": ""}, 21603),
        ({"to": NUMBER}, 21266),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"from_": "", "messaging_service_sid": "MG1"}, 21705),
        ({"status_callback": "nowhere"}, 21609),
        ({"media_url": "nowhere"}, 21620),
    ],
)
def test_create_refuses(
    carrier: Program, client: Client, create: dict[str, str], code: int
) -> None:
    refused = refusal(client, **create)
    assert (refused.status, refused.code) == (400, code)
    assert carrier.truth() == []


def test_create_takes_1600_characters(carrier: Program, client: Client) -> None:
    assert client.messages.create(to=DANA, from_=NUMBER, body="x" * 1600).num_segments == "11"


def test_create_refuses_a_region_that_is_off(carrier: Program, client: Client) -> None:
    carrier.call("POST", "/carrier/settings", {"regions": ["+44"]})
    assert refusal(client).code == 21408


@pytest.mark.parametrize("token", ["wrong", OTHER_TOKEN])
def test_wrong_credentials_are_refused(carrier: Program, token: str) -> None:
    stranger = carrier.client(token=token)
    refused = refusal(stranger)
    stranger.http_client.session.close()
    assert (refused.status, refused.code, refused.msg.endswith("Authenticate")) == (
        401,
        20003,
        True,
    )
    assert carrier.truth() == []


def test_fetch_hides_another_accounts_text(carrier: Program, client: Client) -> None:
    sid = client.messages.create(to=DANA, from_=NUMBER, body="secret").sid
    other = carrier.client(OTHER_ACCOUNT, OTHER_TOKEN)
    with pytest.raises(TwilioRestException) as caught:
        other.messages(sid).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)
    assert other.messages.list() == []
    other.http_client.session.close()


def test_list_filters_by_to_and_from(carrier: Program, client: Client) -> None:
    for to, body in ((DANA, "one"), (OMAR, "two"), (DANA, "three")):
        client.messages.create(to=to, from_=NUMBER, body=body)
    carrier.text_from(DANA, "Yes")
    bodies = [m.body for m in client.messages.list(to=DANA)]
    assert bodies == ["three", "one"]
    assert [m.body for m in client.messages.list(to=NUMBER)] == ["Yes"]
    assert [m.body for m in client.messages.list(from_=DANA)] == ["Yes"]
    assert [m.body for m in client.messages.list(from_=NUMBER)] == ["three", "two", "one"]
    assert client.messages.list(to="+15105550144") == []


def test_list_pages_without_repeats_while_texts_arrive(carrier: Program, client: Client) -> None:
    for n in range(7):
        client.messages.create(to=DANA, from_=NUMBER, body=str(n))
    stream = client.messages.stream(page_size=3)
    first = next(stream)
    client.messages.create(to=DANA, from_=NUMBER, body="late")
    assert [first.body, *(m.body for m in stream)] == ["6", "5", "4", "3", "2", "1", "0"]


def test_list_filters_by_date_sent(carrier: Program, client: Client) -> None:
    carrier.call("POST", "/carrier/settings", {"sent_after": 60})
    client.messages.create(to=DANA, from_=NUMBER, body="queued")
    carrier.text_from(DANA, "Yes")
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    found = {
        "after": client.messages.list(date_sent_after=now - hour),
        "before": client.messages.list(date_sent_before=now + hour),
        "day": client.messages.list(date_sent=now),
        "later": client.messages.list(date_sent_after=now + hour),
        "earlier": client.messages.list(date_sent_before=now - hour),
    }
    bodies = {name: [m.body for m in messages] for name, messages in found.items()}
    yes = ["Yes"]
    assert bodies == {"after": yes, "before": yes, "day": yes, "later": [], "earlier": []}
    assert len(client.messages.list()) == 2


def test_delete_waits_for_the_queue_and_erases(carrier: Program, client: Client) -> None:
    sid = client.messages.create(to=DANA, from_=NUMBER, body="Hi Dana").sid
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).delete()
    assert (caught.value.status, caught.value.code) == (409, 20009)
    until(lambda: client.messages(sid).fetch().status == "delivered")
    assert client.messages(sid).delete() is True
    assert client.messages.list() == []
    [entry] = carrier.truth()
    assert (entry["body"], entry["deleted_at"] is None) == ("", False)


def test_update_redacts_the_body_only_to_nothing(carrier: Program, client: Client) -> None:
    sid = client.messages.create(to=DANA, from_=NUMBER, body="Hi Dana").sid
    with pytest.raises(TwilioRestException):
        client.messages(sid).update(body="Hi Omar")
    assert client.messages(sid).update(body="").body == ""
    assert client.messages(sid).fetch().body == ""


def test_unknown_resource_answers_404(carrier: Program, client: Client) -> None:
    with pytest.raises(TwilioException, match="20404"):
        client.calls.list()


def test_texts_to_a_number_are_listed_page_by_page_since_an_instant(
    carrier: Program, client: Client
) -> None:
    """Also those that were never posted, as what was lost is found again."""
    carrier.faults(lose_inbound=True)
    for ago in (7_200, 60, 50, 40):
        given = {"to": NUMBER, "body": f"{ago} s ago", "ago": ago}
        carrier.call("POST", f"/carrier/phones/{DANA}/send", given)
    client.messages.create(to=DANA, from_=NUMBER, body="Ours")
    since = datetime.now(UTC) - timedelta(hours=1)
    listed = client.messages.list(to=NUMBER, date_sent_after=since, page_size=2)
    assert [(row.direction, row.body) for row in listed] == [
        ("inbound", "40 s ago"), ("inbound", "50 s ago"), ("inbound", "60 s ago"),
    ]  # fmt: skip
    assert listed[0].date_created == listed[0].date_sent


def test_picture_may_stand_for_words(carrier: Program, client: Client) -> None:
    carrier.call("POST", f"/carrier/phones/{DANA}/send", {"to": NUMBER, "media": 2})
    [row] = client.messages.list(to=NUMBER)
    assert (row.body, row.num_media) == ("", "2")
