import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.viewer import Viewer
from messaging.candidates.models import Candidate
from messaging.conversations import inbox
from messaging.conversations.models import Conversation, ReadMark
from messaging.dispatch import outbox, stopping
from messaging.dispatch.outbox import Draft
from tests import make
from textengage.cast import Company
from textengage.lib import clock
from textengage.lib.scoping import within

TEXTS = {"HX-Request": "true", "HX-Target": "texts"}
ROWS = {"HX-Request": "true", "HX-Target": "rows"}


@pytest.fixture
def url(thread: Conversation) -> str:
    return f"/inbox/needs-reply/{thread.id}/"


def page(client: Client, url: str, headers: "dict[str, str] | None" = None) -> str:
    return client.get(url, headers=headers or {}).content.decode()


def test_a_thread_shows_texts_states_and_reasons(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        make.outbound(thread, "One", state="undelivered", error_sentence="Out of reach.")
        make.inbound(thread, "Two <b>")
    shown = page(as_rita, url)
    assert "Not delivered: Out of reach." in shown
    assert "Two &lt;b&gt;" in shown
    assert shown.count("<h1") == 1
    assert "Uses 1 contact, 500 left" in shown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("delivered", "Delivered"),
        ("sent", "Sent"),
        ("accepted", "Sent"),
        ("read", "Read"),
        ("canceled", "Canceled"),
        ("unconfirmed", "Not confirmed"),
        ("uncertain", "Not confirmed"),
        ("expired", "Not sent: it waited too long."),
    ],
)
def test_every_state_has_its_word(
    acme: Company, as_rita: Client, thread: Conversation, url: str, state: str, words: str
) -> None:
    with within(acme.customer):
        make.outbound(thread, state=state)
    assert f">{words}</span>" in page(as_rita, url)


def test_a_live_page_gets_the_texts_alone(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        make.inbound(thread, "Just arrived")
    shown = page(as_rita, url, TEXTS)
    assert "Just arrived" in shown
    assert "<html" not in shown
    assert "<textarea" not in shown
    assert 'id="composer-facts" hx-swap-oob' in shown


def test_the_composer_is_redrawn_only_when_its_shape_changes(
    acme: Company, as_rita: Client, dana: Candidate, thread: Conversation, url: str
) -> None:
    assert "<te-composer" not in page(as_rita, f"{url}?drawn=open", TEXTS)
    with within(acme.customer):
        stopping.stop(dana, source="inbound", word="STOP")
    shown = page(as_rita, f"{url}?drawn=open", TEXTS)
    assert "<te-composer" in shown
    assert "Do Not Text. Dana texted STOP" in shown


def test_rows_of_a_live_list_stand_still_and_new_ones_join_at_the_end(
    acme: Company, as_rita: Client, rita: User
) -> None:
    now = clock.now()
    with within(acme.customer):
        made = [make.thread(acme, make.candidate(acme, n), rita) for n in range(3)]
        for hours, thread in enumerate(made[:2]):
            make.inbound(thread, created_at=now - timedelta(hours=9 - hours))
    url = "/inbox/needs-reply/"
    shown = as_rita.get(url).context["shown"]
    assert shown == f"{made[0].id},{made[1].id}"
    with within(acme.customer):
        make.outbound(made[0])
        make.inbound(made[2])
    answer = as_rita.get(url, {"shown": shown}, headers=ROWS)
    assert answer.context["shown"] == f"{shown},{made[2].id}"


def test_new_threads_of_a_newest_first_folder_wait_behind_a_pill(
    acme: Company, as_mona: Client, rita: User
) -> None:
    with within(acme.customer):
        old, new = (make.thread(acme, make.candidate(acme, n), rita) for n in range(2))
        make.inbound(old)
    shown = as_mona.get("/inbox/everyone/").context["shown"]
    with within(acme.customer):
        make.inbound(new)
    answer = as_mona.get("/inbox/everyone/", {"shown": shown}, headers=ROWS)
    assert answer.context["shown"] == str(old.id)
    assert b"1 new</a>" in answer.content


def test_earlier_texts_come_by_page(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    now = clock.now()
    with within(acme.customer):
        for number in range(60):
            make.inbound(thread, f"n{number}.", created_at=now - timedelta(minutes=60 - number))
    first = as_rita.get(url)
    assert b"n9." not in first.content
    earlier = as_rita.get(
        first.context["earlier_url"], headers={"HX-Request": "true", "HX-Target": "earlier"}
    )
    assert [text.body for text in earlier.context["texts"]] == [f"n{n}." for n in range(10)]
    again = as_rita.get(url, {"since": first.context["since"]}, headers=TEXTS)
    assert [text.body for text in again.context["texts"]] == [f"n{n}." for n in range(10, 60)]


def test_opening_marks_nothing_and_having_seen_does(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        make.inbound(thread)
    opened = as_rita.get(url)
    assert "(1) " in opened.content.decode()
    with within(acme.customer):
        assert ReadMark.objects.count() == 0
    seen = as_rita.post(f"{url}read/", {"until": opened.context["until"]})
    assert (seen.status_code, seen["HX-Trigger"]) == (204, "live:inbox")
    assert "(1) " not in page(as_rita, url)


def test_the_new_divider_stays_where_it_was(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        make.inbound(thread, "old")
    as_rita.post(f"{url}read/", {"until": as_rita.get(url).context["until"]})
    with within(acme.customer):
        make.inbound(thread, "new")
    opened = as_rita.get(url)
    as_rita.post(f"{url}read/", {"until": opened.context["until"]})
    again = as_rita.get(url, {"unread": opened.context["unread_from"]}, headers=TEXTS)
    assert [text.is_new for text in again.context["texts"]] == [False, True]


def test_scheduled_and_held_texts_can_be_canceled(
    acme: Company, as_rita: Client, rita: User, thread: Conversation
) -> None:
    with within(acme.customer):
        due = clock.now() + timedelta(hours=5)
        text = outbox.send(Draft(thread, "Later", due_at=due), by=rita)
    assert "Later" in page(as_rita, "/inbox/scheduled/")
    shown = page(as_rita, f"/inbox/scheduled/{thread.id}/")
    assert f"/inbox/scheduled/{thread.id}/{text.id}/cancel/" in shown
    assert "Scheduled for" in shown


def test_empty_folders_say_what_that_means(as_rita: Client, as_mona: Client) -> None:
    sentences = {
        "needs-reply": "No texts yet. Add a candidate and say hello",
        "waiting": "No texts yet. Add a candidate and say hello",
        "all": "No texts yet. Add a candidate and say hello",
        "scheduled": "Nothing is scheduled.",
        "not-sent": "Everything you sent in the last 30 days went out.",
    }
    assert all(text in page(as_rita, f"/inbox/{code}/") for code, text in sentences.items())
    assert "Every thread has an owner." in page(as_mona, "/inbox/nobody/")


def test_an_empty_needs_reply_counts_who_has_not_written_back(
    acme: Company, as_rita: Client, thread: Conversation
) -> None:
    with within(acme.customer):
        make.outbound(thread)
    shown = page(as_rita, "/inbox/needs-reply/")
    assert "Everyone has an answer. 1 person has not written back yet." in shown
    assert "Choose a thread on the left." not in shown


def test_after_stop_a_thread_is_in_all_and_no_folder_tells_to_begin(
    acme: Company, as_rita: Client, dana: Candidate, thread: Conversation
) -> None:
    with within(acme.customer):
        make.outbound(thread)
        stopping.stop(dana, source="inbound", word="stop")
        make.inbound(thread, "STOP", kind="compliance")
    assert [row.name for row in as_rita.get("/inbox/all/").context["rows"]] == ["Dana Kim"]
    assert as_rita.get("/inbox/all/").context["rows"][0].mark == "Do Not Text"
    for code, sentence in (
        ("needs-reply", "Everyone has an answer."),
        ("waiting", "You wait for nobody."),
    ):
        answer = as_rita.get(f"/inbox/{code}/")
        assert answer.context["rows"] == []
        empty = answer.context["empty"]
        assert (empty.text, empty.label, empty.url) == (sentence, "See all", "/inbox/all/")


def test_a_thread_that_nothing_left_yet_is_in_all(as_rita: Client, thread: Conversation) -> None:
    rows = as_rita.get("/inbox/all/").context["rows"]
    assert [(row.name, row.line) for row in rows] == [("Dana Kim", "No texts yet")]


def test_all_holds_own_threads_alone(
    acme: Company, as_rita: Client, rita: User, mona: User
) -> None:
    with within(acme.customer):
        own, colleagues = make.candidate(acme, 1), make.candidate(acme, 2)
        make.inbound(make.thread(acme, own, rita))
        make.inbound(make.thread(acme, colleagues, mona))
    assert [row.name for row in as_rita.get("/inbox/all/").context["rows"]] == [own.name]


@pytest.mark.parametrize(
    ("hours", "summary"),
    [
        ([], ""),
        ([0], "1 person has waited 1 min"),
        ([0, 0], "2 people wait, longest 1 min"),
        ([3, 0], "2 people wait, longest 3 h"),
    ],
)
def test_the_summary_of_needs_reply_says_who_waits(
    acme: Company, as_rita: Client, rita: User, hours: "list[int]", summary: str
) -> None:
    now = clock.now()
    with within(acme.customer):
        for number, hour in enumerate(hours):
            waiting = make.thread(acme, make.candidate(acme, number), rita)
            make.inbound(waiting, created_at=now - timedelta(hours=hour))
    assert as_rita.get("/inbox/needs-reply/").context["summary"] == summary


def test_a_thread_names_its_time_zone_once(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    now = clock.now()
    with within(acme.customer):
        make.inbound(thread, created_at=now - timedelta(days=2))
        make.inbound(thread)
    days = [text.day for text in as_rita.get(url).context["texts"]]
    assert days[0].endswith(", Eastern Time")
    assert days[1] == "Today"


def test_an_open_page_is_told_how_many_contacts_are_left(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    for headers in (TEXTS, ROWS):
        shown = page(as_rita, url, headers)
        assert '<div id="contacts" hx-swap-oob="true">' in shown
        assert "500 of 500 contacts left" in shown


@pytest.mark.parametrize("code", ["everyone", "nobody", "nonsense"])
def test_a_folder_one_may_not_open_is_absent(as_rita: Client, url: str, code: str) -> None:
    answers = [
        as_rita.get(f"/inbox/{code}/"),
        as_rita.get(url.replace("needs-reply", code)),
        as_rita.get("/inbox/nowhere/"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1


def test_a_strangers_thread_is_absent(
    acme: Company, as_gus: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        make.inbound(thread, "The canary")
    nowhere = f"/inbox/needs-reply/{uuid4()}/"
    assert as_gus.get(url).status_code == 404
    assert as_gus.get(url).content == as_gus.get(nowhere).content
    assert as_gus.post(f"{url}read/").content == as_gus.post(f"{nowhere}read/").content
    assert as_gus.get(url, headers=TEXTS).status_code == 404


def test_a_colleague_may_read_a_thread_from_its_candidate(
    as_rex: Client, thread: Conversation
) -> None:
    shown = page(as_rex, f"/inbox/waiting/{thread.id}/")
    assert "you have no license. Mona can give you one." in shown
    assert "<textarea" not in shown


def test_an_inbox_page_costs_the_same_for_1_and_for_30(
    acme: Company, as_rita: Client, rita: User
) -> None:
    with within(acme.customer):
        thread = make.thread(acme, make.candidate(acme), rita)
        make.outbound(thread)
        make.inbound(thread)
    url = f"/inbox/needs-reply/{thread.id}/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_rita.get(url).status_code == 200
        return len(captured)

    one = queries()
    with within(acme.customer):
        for number in range(1, 30):
            make.inbound(make.thread(acme, make.candidate(acme, number), rita))
            make.outbound(thread)
    assert queries() == one


@pytest.mark.parametrize("query", ["after=nonsense", "after=1-x", "before=%00", "since=9e99-0"])
def test_a_broken_cursor_is_the_first_page(as_rita: Client, url: str, query: str) -> None:
    assert as_rita.get(f"{url}?{query}").status_code == 200
    assert as_rita.get(f"/inbox/needs-reply/?{query}").status_code == 200


def test_a_text_found_late_says_so_is_news_and_is_read_once(
    acme: Company, as_rita: Client, rita: User, thread: Conversation
) -> None:
    now = clock.now()
    with within(acme.customer):
        make.outbound(thread, "Are you there?", created_at=now - timedelta(minutes=20))
        inbox.mark_read(Viewer(rita, acme.customer), thread, now - timedelta(minutes=19))
        make.inbound(thread, "Yes", created_at=now - timedelta(minutes=30), recovered_at=now)
    url = f"/inbox/needs-reply/{thread.id}/"
    shown = page(as_rita, url)
    assert (shown.count(">recovered</span>"), shown.count('class="new-divider"')) == (1, 1)
    until = re.search(r'name="until" value="([^"]+)"', shown)
    assert until, "the page does not say how far it shows the thread"
    as_rita.post(f"{url}read/", {"until": until[1]})
    assert "new-divider" not in page(as_rita, url)
    with within(acme.customer):
        assert inbox.counts(Viewer(rita, acme.customer)).unread == 0
