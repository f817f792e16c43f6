"""Another customer's id in a body, a filter or a cursor is answered like one of nobody."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pytest
from django.contrib import admin
from django.forms import ModelChoiceField

from accounts.web import paging
from tests.every_url import rows
from tests.every_url import world as made
from tests.every_url.addresses import ABSENT_ID
from tests.every_url.admin_matrix import TABLES, Table
from tests.every_url.asking import Answer, Asking, undone
from tests.every_url.payloads import Payloads
from tests.every_url.principals import CUSTOMER_ADMIN, LICENSED, MANAGER, STAFF, STRANGER, TOKEN
from tests.every_url.walking import difference
from tests.every_url.world import World

world = made.world
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
AT_ANY_TIME: Final = datetime(2100, 1, 1, tzinfo=UTC)


def cursor(at: datetime) -> Callable[[UUID], str]:
    return lambda id: paging.write((at, id))


@dataclass(frozen=True)
class Field:
    """A place for an id outside the address. ``THREAD`` in the path is the own thread's."""

    method: str
    path: str
    name: str
    kind: str
    write: Callable[[UUID], str] = str
    target: str = ""
    is_json: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.name}"


THREAD: Final = "/inbox/needs-reply/THREAD/"
FIELDS: Final = (
    Field("POST", "/api/v1/messages/", "candidate", "candidate", is_json=True),
    Field("GET", "/api/v1/messages/", "candidate", "candidate"),
    Field("GET", "/api/v1/messages/", "conversation", "thread"),
    Field("GET", "/candidates/", "after", "candidate"),
    Field("GET", "/inbox/waiting/", "after", "waiting", cursor(AT_ANY_TIME)),
    Field("GET", "/inbox/needs-reply/", "shown", "thread", target="rows"),
    Field("GET", THREAD, "shown", "thread", target="rows"),
    Field("GET", THREAD, "before", "message", cursor(AT_ANY_TIME), target="earlier"),
    Field("GET", THREAD, "since", "message", cursor(LONG_AGO), target="texts"),
    Field("GET", THREAD, "unread", "thread", cursor(LONG_AGO), target="texts"),
    Field("POST", f"{THREAD}read/", "until", "message", cursor(AT_ANY_TIME)),
    Field("GET", "/reports/messages/", "after", "message", cursor(AT_ANY_TIME)),
)
MIXED: Final = [
    "add license seat", "add team parent", "add user team", "change user team",
    "add sender account", "add sender seat", "add sender team", "change sender account",
    "change sender seat", "change sender team",
]  # fmt: skip
"""What staff choose in a form beside the customer it is about."""
ASKING: Final = (CUSTOMER_ADMIN, STRANGER)


def ask(asking: Asking, principal: str, field: Field, id: UUID) -> tuple[Answer, list[str]]:
    """The answer, and what it did to the rows."""
    world = asking.world
    thread = str(world.own(principal, "thread").pk)
    path, value = field.path.replace("THREAD", thread), field.write(id)
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": field.target} if field.target else {}
    before = rows.everything() if field.method == "POST" else None
    with undone():
        if field.method == "GET":
            answer = asking.ask(principal, "GET", f"{path}?{field.name}={value}", headers=headers)
        elif field.is_json:
            body = f'{{"{field.name}": "{value}", "body": "Hello"}}'
            answer = asking.ask(principal, "POST", path, json=body)
        else:
            answer = asking.ask(principal, "POST", path, form={field.name: value})
        done = rows.effect(before, rows.everything(), frozenset()) if before else []
    return answer, done


@pytest.mark.django_db
@pytest.mark.parametrize("principal", ASKING)
@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_anothers_id_is_answered_like_one_of_nobody(
    world: World, principal: str, field: Field
) -> None:
    asking = Asking(world)
    theirs = world.others(principal, field.kind).pk
    said, done = [], []
    for id in (theirs, ABSENT_ID):
        answer, effect = ask(asking, principal, field, id)
        said.append(answer.without(field.write(id), str(id)))
        done.append(effect)
        assert world.other_of(principal).mark.lower() not in answer.text.lower()
    assert said[0] == said[1], difference(*said)
    assert done[0] == done[1]


@pytest.mark.django_db
def test_every_id_that_the_api_takes_is_tried_here(world: World) -> None:
    """`id` is chosen by the caller and becomes the row's: see the test below."""
    document: Any = Asking(world).ask(TOKEN, "GET", "/api/schema/?format=json")
    found = set()
    schema = json.loads(document.text)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for each in operation.get("parameters", ()):
                if each["in"] == "query" and each["schema"].get("format") == "uuid":
                    found.add((method.upper(), path, each["name"]))
            content = operation.get("requestBody", {}).get("content", {})
            for shape in content.values():
                name = shape["schema"]["$ref"].rpartition("/")[2]
                for field, of in schema["components"]["schemas"][name]["properties"].items():
                    if of.get("format") == "uuid":
                        found.add((method.upper(), path, field))
    tried = {(field.method, field.path, field.name) for field in FIELDS}
    assert found - tried == {("POST", "/api/v1/messages/", "id")}


@pytest.mark.django_db
@pytest.mark.parametrize("principal", sorted(LICENSED))
def test_chosen_id_that_is_anothers_row_is_refused(world: World, principal: str) -> None:
    """An id is free or not, and nobody can guess one; what has it is not said."""
    asking, before = Asking(world), rows.digest()
    thread = world.own(principal, "thread").pk
    text = world.others(principal, "scheduled").pk
    candidate = world.own(principal, "candidate").pk
    for path, form, body in (
        (f"/inbox/needs-reply/{thread}/send/", {"client_id": text, "body": "Hi"}, None),
        (
            "/api/v1/messages/",
            None,
            f'{{"id": "{text}", "candidate": "{candidate}", "body": "Hi"}}',
        ),
    ):
        with undone():
            answer = asking.ask(principal, "POST", path, form=form, json=body)
            assert rows.digest() == before
        assert answer.status == 404
        assert world.other_of(principal).mark.lower() not in answer.text.lower()


@pytest.mark.django_db
@pytest.mark.parametrize("principal", [MANAGER, STRANGER])
def test_admin_forms_refuse_anothers_rows_as_absent(world: World, principal: str) -> None:
    asking, payloads, before = Asking(world), Payloads(world), rows.digest()
    tried = []
    for table in TABLES:
        for page in ("add", "change"):
            who = table.add if page == "add" else table.change
            if principal not in who:
                continue
            path = _address(world, principal, table, page)
            form = payloads.of_admin(f"{page} {table.kind}", principal)
            for name, field in payloads.fields_of(f"{page} {table.kind}", principal).items():
                if not isinstance(field, ModelChoiceField):
                    continue
                kind = _kind_of(field)
                said = []
                for id in (world.others(principal, kind).pk, ABSENT_ID):
                    with undone():
                        answer = asking.ask(principal, "POST", path, form=form | {name: id})
                        assert rows.digest() == before
                    assert answer.status == 200
                    said.append(answer.without(str(id)))
                assert said[0] == said[1], difference(*said)
                tried.append(f"{page} {table.kind} {name}")
    assert tried == [
        "add license user", "add license seat", "add team parent", "add user team",
        "change user team", "change sender seat", "change sender team",
    ]  # fmt: skip


@pytest.mark.django_db
def test_staff_cannot_mix_two_customers_in_a_form(world: World) -> None:
    asking, payloads, before = Asking(world), Payloads(world), rows.digest()
    tried = []
    for table in TABLES:
        for page in ("add", "change"):
            name = f"{page} {table.kind}"
            if STAFF not in (table.add if page == "add" else table.change):
                continue
            form = payloads.of_admin(name, STAFF)
            fields = payloads.fields_of(name, STAFF)
            for field in fields:
                relation = fields[field]
                if not isinstance(relation, ModelChoiceField) or field in ("customer", "tier"):
                    continue
                if name == "add license" and field == "user":
                    continue  # the person decides the customer
                kind = _kind_of(relation)
                theirs = world.others(STAFF, kind).pk
                with undone():
                    path = _address(world, STAFF, table, page)
                    answer = asking.ask(STAFF, "POST", path, form=form | {field: theirs})
                    assert rows.digest() == before, name
                assert answer.status == 200
                tried.append(f"{name} {field}")
    assert tried == MIXED


@pytest.mark.django_db
@pytest.mark.parametrize("principal", [MANAGER, STRANGER])
def test_admin_actions_and_searches_reach_own_rows_only(world: World, principal: str) -> None:
    asking, before = Asking(world), rows.digest()
    actions = 0
    words = (f"{world.other_of(principal).mark}-last", "Zqnobody-last")
    for table in TABLES:
        if principal not in table.look:
            continue
        path = _address(world, principal, table, "")
        found = [asking.ask(principal, "GET", f"{path}?q={word}").without(word) for word in words]
        assert found[0] == found[1], difference(*found)
        for action in _actions(table):
            said = []
            for id in (world.others(principal, table.kind).pk, ABSENT_ID):
                form = {"action": action, "_selected_action": id, "index": 0}
                with undone():
                    answer = asking.ask(principal, "POST", path, form=form)
                    assert rows.digest() == before
                said.append(answer.without(str(id)))
                actions += 1
            assert said[0] == said[1], difference(*said)
    assert actions == 16


def _kind_of(field: Any) -> str:
    return str(field.queryset.model._meta.model_name)


def _actions(table: Table) -> list[str]:
    app, _, kind = table.name.partition("/")
    (made,) = (
        each
        for model, each in admin.site._registry.items()
        if (model._meta.app_label, model._meta.model_name) == (app, kind)
    )
    return [str(action) for action in made.actions or ()]


def _address(world: World, principal: str, table: Table, page: str) -> str:
    stem = f"/admin/{table.name}/"
    if page == "change":
        return f"{stem}{world.own(principal, table.kind).pk}/change/"
    return f"{stem}add/" if page else stem
