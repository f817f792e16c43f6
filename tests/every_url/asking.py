"""One request as somebody, with CSRF enforced, and what came of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.test.client import ClientHandler, RequestFactory

from tests.every_url.principals import ALL_TOKENS
from tests.every_url.world import World

FORM: Final = "application/x-www-form-urlencoded"
CSRF: Final = "c" * 32
MAY_CHANGE: Final = {
    "django_session": "signing out, a one-time notice or a password link ends or begins one",
    "axes_accessattempt": "a wrong password is counted",
    "axes_accesslog": "a wrong password is counted",
    "axes_accessfailurelog": "a wrong password is counted",
    "accounts_tick": "the timetable's, no request's",
}
WRITES: Final = re.compile(
    r"\b(?:INSERT INTO|(?<!FOR )(?<!KEY )UPDATE|DELETE FROM|TRUNCATE)\b(?: \"(\w+)\")?"
)
UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
CHANGING: Final = (
    UUID_TEXT,
    re.compile(r"(?<=since=)\d+"),
    re.compile(r"\b[A-Za-z0-9]{64}\b"),  # a masked CSRF token
)
OF_ONE_REQUEST: Final = {"x-request-id", "content-length", "set-cookie", "expires"}


@dataclass
class Answer:
    """What somebody got, and what their request did to the database."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: Any
    statements: int
    wrote: bool  # to a table that counts
    touched: bool = False  # any table
    sent: str = field(default="")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/html")

    def without(self, *parts_of_the_address: str) -> tuple[Any, ...]:
        """Everything an answer says once ids and one-time tokens are taken out."""
        parts = [self.text]
        parts += [f"{name}: {value}" for name, value in sorted(self._said())]
        said = "\n".join(parts)
        for part in parts_of_the_address:
            # A row's number may be a single digit: it counts between slashes alone.
            said = said.replace(part if len(part) > 9 else f"/{part}/", "<id>")
        for pattern in CHANGING:
            said = pattern.sub("<id>", said)
        return self.status, self.statements, said

    def _said(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, value in self.headers.items() if name not in OF_ONE_REQUEST)


@dataclass
class _Counter:
    statements: int = 0
    wrote: bool = False
    touched: bool = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        tables = WRITES.findall(str(sql))
        self.touched = self.touched or bool(tables)
        self.wrote = self.wrote or any(table not in MAY_CHANGE for table in tables)
        return execute(sql, params, many, context)


class Asking:
    """Asks the product as each principal, and puts every change back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.handler = ClientHandler(enforce_csrf_checks=True)
        self.factory = RequestFactory()
        self.asked = 0

    def ask(
        self,
        principal: str,
        method: str,
        path: str,
        *,
        form: dict[str, Any] | None = None,
        json: str | None = None,
        csrf: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request. The caller rolls back with `undone` when it may write."""
        self.asked += 1
        body = json if json is not None else urlencode(form or {}, doseq=True)
        kind = "application/json" if json is not None else FORM
        extra: dict[str, Any] = self._who(principal, csrf=csrf) | (headers or {})
        request = self.factory.generic(method, path, body, kind, **extra)
        counter = _Counter()
        with connection.execute_wrapper(counter):
            response: Any = self.handler(request.environ)
            content = _read(response)
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(
            response.status_code,
            found,
            content,
            response.cookies,
            counter.statements,
            counter.wrote,
            counter.touched,
            f"{path} {body}",
        )

    def _who(self, principal: str, *, csrf: bool) -> dict[str, str]:
        asked = {"HTTP_X_CSRFTOKEN": CSRF} if csrf else {}
        if principal in ALL_TOKENS:
            asked["HTTP_AUTHORIZATION"] = f"Token {self.world.tokens[principal]}"
        cookies = [f"csrftoken={CSRF}"]
        if principal in self.world.sessions:
            cookies.append(f"session={self.world.sessions[principal]}")
        return asked | {"HTTP_COOKIE": "; ".join(cookies)}


def _read(response: Any) -> bytes:
    if not response.streaming:
        return bytes(response.content)
    # The endless stream of live events has tests of its own.
    return b"" if response.is_async else b"".join(response.streaming_content)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT probe")
    try:
        yield
    finally:
        undo()
        with connection.cursor() as cursor:
            cursor.execute("RELEASE SAVEPOINT probe")


def undo() -> None:
    """Roll back to where `undone` began."""
    connection.needs_rollback = False
    connection.run_on_commit.clear()
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK TO SAVEPOINT probe")
