import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import files, people
from accounts.models import Customer, StoredFile, User
from reporting import exports, lease, sheet
from reporting.models import Export
from reporting.reports.messages import REPORT
from reporting.timeframes import Timeframe
from tests.reporting import texts
from textengage.lib import clock
from textengage.lib.ids import new_id
from textengage.lib.refusal import Refused
from textengage.lib.scoping import across_customers

HEAD = (
    '"Time (America/New_York)","Direction","Candidate","Kind","Channel","Number","State",'
    '"Segments","Author","Country"\r\n'
)


def ask(by: User, **fields: Any) -> Export:
    asked: dict[str, Any] = {"timeframe": texts.MARCH, "chosen": {}}
    return exports.request(REPORT, viewer=texts.viewer(by), **(asked | fields))


def made(export: Export) -> Export:
    """The export, after it was made."""
    assert exports.make(export.id) is True
    export.refresh_from_db()
    return export


def content(export: Export) -> str:
    assert export.file is not None
    return files.path_of(export.file).read_bytes().decode()


def on_disk(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def broker() -> Iterator[Callable[[str], Celery]]:
    """Makes a Celery app with a broker of the test's choice the current one."""
    before = current_app._get_current_object()

    def app(url: str) -> Celery:
        return Celery("test", broker=url, set_as_current=True)

    yield app
    before.set_current()


@pytest.mark.usefixtures("stranger")
def test_file_holds_exactly_the_rows(rex: User, rita: User, dana: Any) -> None:
    texts.text(dana, author=rita, segments=2)
    texts.text(dana, state="received", at=datetime(2025, 3, 9, 6, 59, 59, tzinfo=UTC))
    export = made(ask(rex))
    assert content(export) == (
        f"\ufeff{HEAD}"
        '"2025-03-10 14:30:00","Outbound","Dana Kim","Candidate","SMS","\'+15105550101",'
        '"Delivered","2","Rita Ruiz","US"\r\n'
        '"2025-03-09 01:59:59","Inbound","Dana Kim","Candidate","SMS","\'+15105550101",'
        '"Received","1","","US"\r\n'
    )
    assert (export.status, export.percent, export.number_of_rows) == ("ready", 100, 2)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+2", '"\'=1+2 Kim"'),
        ("+1", '"\'+1 Kim"'),
        ("-1", '"\'-1 Kim"'),
        ("@SUM(A1)", '"\'@SUM(A1) Kim"'),
        ("\uff1d1", '"\'\uff1d1 Kim"'),
        ('Da"na, \U0001f469\u200d\U0001f4bb', '"Da""na, \U0001f469\u200d\U0001f4bb Kim"'),
        ("Da\nna", '"Da\nna Kim"'),
    ],
)
def test_cell_is_inert_and_whole(name: str, cell: str, rex: User, customer: Customer) -> None:
    texts.text(texts.candidate(customer, name), state="received")
    assert f',"Inbound",{cell},"Candidate",' in content(made(ask(rex)))


def test_file_is_stored_for_its_owner_for_30_days(rex: User, dana: Any, tmp_path: Path) -> None:
    texts.text(dana, state="received")
    file = made(ask(rex)).file
    assert file is not None
    assert (file.owner, file.customer, file.content_type) == (rex, rex.customer, "text/csv")
    assert file.name == "messages-2025-03-01-to-2025-03-31.csv"
    assert on_disk(tmp_path) == [tmp_path / str(file.customer_id) / str(file.id)]
    assert file.size == on_disk(tmp_path)[0].stat().st_size
    assert file.expires_at is not None
    left = file.expires_at - clock.now()
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


def test_file_of_all_time_ends_when_it_was_asked_for(rex: User, dana: Any) -> None:
    export = ask(rex, timeframe=Timeframe(code="all-time"))
    texts.text(dana, state="received", at=clock.now())
    assert (export.since, export.until) == (None, export.requested_at)
    made(export)
    assert content(export) == f"\ufeff{HEAD}"
    assert export.file is not None
    day = export.requested_at.astimezone(texts.NEW_YORK).date()
    assert export.file.name == f"messages-until-{day}.csv"


def test_file_keeps_to_the_filters(rex: User, dana: Any) -> None:
    for state in ("received", "canceled", "canceled"):
        texts.text(dana, state=state)
    assert made(ask(rex, chosen={"direction": "out"})).number_of_rows == 2


def test_percent_follows_the_rows(rex: User, dana: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "CHUNK", 2)
    for _ in range(5):
        texts.text(dana, state="received")
    with CaptureQueriesContext(connection) as queries:
        export = made(ask(rex))
    updates = "".join(each["sql"] for each in queries if each["sql"].startswith("UPDATE"))
    assert re.findall(r'"percent" = (\d+)', updates) == ["0", "40", "80", "99", "100"]
    assert export.number_of_rows == 5


def test_second_delivery_makes_nothing(rex: User, dana: Any, tmp_path: Path) -> None:
    texts.text(dana, state="received")
    export = made(ask(rex))
    before = Export.objects.values().get()
    assert exports.make(export.id) is False
    exports.run(str(export.id))
    assert (Export.objects.values().get(), StoredFile.objects.count()) == (before, 1)
    assert len(on_disk(tmp_path)) == 1


def test_delivery_during_the_making_makes_nothing(rex: User, tmp_path: Path) -> None:
    export = ask(rex)
    assert lease.take(export.id) is not None
    assert exports.make(export.id) is False
    assert on_disk(tmp_path) == []


def test_slow_maker_is_overtaken(rex: User, dana: Any, tmp_path: Path) -> None:
    texts.text(dana, state="received")
    export = ask(rex)
    slow = lease.take(export.id)
    assert slow is not None
    left = StoredFile(id=slow.run, customer=slow.customer, owner=rex, name="x")
    path = files.path_of(left)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    clock.shift(timedelta(seconds=61))
    file = made(export).file
    assert file is not None
    path.write_bytes(b"half and more")
    with pytest.raises(lease.Overtaken):
        lease.renew(slow, 50)
    with pytest.raises(lease.Overtaken):
        lease.finish(slow, left, 1)
    assert lease.fail(slow, exports.BROKEN) is False
    assert [each.id for each in StoredFile.objects.all()] == [file.id]
    export.refresh_from_db()
    assert (export.status, export.percent) == ("ready", 100)


def test_rest_of_a_broken_run_is_deleted(rex: User, tmp_path: Path) -> None:
    export = ask(rex)
    broken = lease.take(export.id)
    assert broken is not None
    path = files.path_of(StoredFile(id=broken.run, customer=broken.customer))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    clock.shift(timedelta(seconds=61))
    file = made(export).file
    assert file is not None
    assert on_disk(tmp_path) == [files.path_of(file)]


def test_failure_is_told_in_a_sentence(rex: User, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "full").write_bytes(b"")
    settings.MEDIA_ROOT = str(tmp_path / "full")
    export = ask(rex)
    assert exports.make(export.id) is False
    export.refresh_from_db()
    assert (export.status, export.error) == (
        "failed",
        "The file could not be made. Generate it again.",
    )
    assert (StoredFile.objects.count(), exports.make(export.id)) == (0, False)


def test_file_is_not_made_for_who_lost_the_role(
    rex: User, mona: User, dana: Any, tmp_path: Path
) -> None:
    texts.text(dana, state="received")
    export = ask(rex)
    people.set_role(rex, "user", by=mona)
    assert exports.make(export.id) is False
    export.refresh_from_db()
    assert (export.status, export.error) == ("failed", "You can no longer read this report.")
    assert on_disk(tmp_path) == []


def test_id_of_somebody_else_is_absent(rex: User, gus: User, mona: User) -> None:
    export = ask(rex)
    for stranger in (mona, gus):
        with pytest.raises(Refused) as refused:
            ask(stranger, id=export.id)
        assert refused.value.code == "absent"
    with across_customers():
        assert list(Export.objects.values_list("id", "requested_by")) == [(export.id, rex.id)]


def test_unknown_export_is_nothing_to_do() -> None:
    assert exports.make(new_id()) is False


def test_worker_is_told_after_the_commit(
    rex: User, broker: Any, django_capture_on_commit_callbacks: Any
) -> None:
    broker("memory://").conf.task_always_eager = True
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(rex)
        assert Export.objects.get().status == "pending"
    export.refresh_from_db()
    assert export.status == "ready"


def test_dead_broker_loses_nothing(
    rex: User, broker: Any, django_capture_on_commit_callbacks: Any
) -> None:
    broker("redis://127.0.0.1:1/0")
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(rex)
    assert Export.objects.get().status == "pending"
    assert exports.sweep() == 0
    clock.shift(timedelta(seconds=31))
    assert exports.sweep() == 1
    export.refresh_from_db()
    assert export.status == "ready"


def test_sweep_leaves_what_is_being_made(rex: User) -> None:
    export = ask(rex)
    clock.shift(timedelta(seconds=31))
    assert lease.take(export.id) is not None
    assert exports.sweep() == 0


def test_sweep_gives_up_after_three_broken_runs(rex: User) -> None:
    export = ask(rex)
    for minute in range(1, 4):
        assert lease.take(export.id) is not None
        clock.shift(timedelta(minutes=2 * minute))
    assert exports.sweep() == 0
    export.refresh_from_db()
    assert (export.status, export.error) == ("failed", exports.BROKEN)


def test_sweep_deletes_files_past_their_date(rex: User, mona: User, tmp_path: Path) -> None:
    old = made(ask(rex))
    clock.shift(timedelta(days=30, seconds=1))
    young = made(ask(mona))
    exports.sweep()
    old.refresh_from_db()
    assert (old.file, old.word_at(clock.now())) == (None, "Expired")
    assert young.file is not None
    assert on_disk(tmp_path) == [files.path_of(young.file)]
