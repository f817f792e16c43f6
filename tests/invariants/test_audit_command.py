import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from messaging.conversations.models import Message
from tests.invariants.world import World
from textengage import invariants


def audit(*arguments: str) -> tuple[int, list[str]]:
    """The exit status and the lines of one run."""
    out = io.StringIO()
    status = 0
    try:
        call_command("audit", *arguments, stdout=out)
    except SystemExit as ended:
        status = int(ended.code or 0)
    return status, out.getvalue().splitlines()


def document(lines: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def test_audit_of_a_right_world_ends_with_status_0(world: World) -> None:
    world.live_through_a_week()
    status, lines = audit("--json")
    report = document(lines)
    assert (status, report["violations"], report["not_shown"]) == (0, 0, [])
    assert report["examined"] == sum(each["examined"] for each in report["invariants"])


def test_audit_of_a_violation_ends_with_status_1_and_names_the_row(world: World) -> None:
    world.live_through_a_week()
    text = world.text(world.person(), world.ago(hours=2))
    status, lines = audit("--json")
    (found,) = [each for each in document(lines)["invariants"] if each["count"]]
    assert status == 1
    assert found == {
        "code": "C3",
        "meaning": "A first text, or one more than 45 days after the last,"
        " has exactly one live charge.",
        "examined": 4,
        "violations": [str(text.id)],
        "count": 1,
    }
    assert any(str(text.id) in line for line in lines[:-1])


def test_audit_lists_twenty_violations_and_counts_all(world: World) -> None:
    person = world.person()
    world.text(person, world.ago(hours=2), charged=True)
    Message.objects.bulk_create(
        Message(
            customer=world.customer,
            conversation=person.thread,
            candidate=person.candidate,
            direction="in",
            state="received",
        )
        for _ in range(25)
    )
    _, lines = audit("--json")
    (found,) = [each for each in document(lines)["invariants"] if each["count"]]
    assert (found["code"], found["count"], len(found["violations"])) == ("R3", 25, 20)


def test_audit_with_nothing_to_look_at_ends_with_status_2(world: World) -> None:
    status, lines = audit("--json")
    report = document(lines)
    assert (status, report["violations"]) == (2, 0)
    assert set(report["not_shown"]) > {"O1", "C3", "S1", "B1"}


def test_audit_allows_the_named_to_be_empty(world: World) -> None:
    empty = document(audit("--json")[1])["not_shown"]
    assert audit("--allow-not-shown", ",".join(empty))[0] == 0
    assert audit("--allow-not-shown", ",".join(empty[1:]))[0] == 2


def test_audit_refuses_a_code_that_does_not_exist(db: None) -> None:
    with pytest.raises(CommandError, match="There is no invariant X9"):
        audit("--allow-not-shown", "O1,X9")


def test_audit_looks_at_one_snapshot_and_cannot_write(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith("SET TRANSACTION"):
            session = connection.connection
            for name in ("transaction_isolation", "transaction_read_only"):
                seen.append(session.execute(f"SHOW {name}").fetchone()[0])
        return result

    # Outside any test transaction: the audit opens its own, and only reads.
    with django_db_blocker.unblock(), connection.execute_wrapper(note):
        invariants.inspect()
        connection.close()
    assert seen == ["repeatable read", "on"]
