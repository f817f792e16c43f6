"""The whole product as processes: carrier, web, worker, over a database of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import requests
from psycopg import sql as quoted

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "demo-textengage"
RITA_NUMBER, DANA_NUMBER = "+15105550101", "+15105550142"
STATIC = ROOT / "var" / "tests" / "journeys-static"
COLLECTED: list[Path] = []
REDIS_DATABASES = cycle(range(16))
T = TypeVar("T")


def until(ask: Callable[[], T], *, seconds: float = 10.0) -> T:
    """The first true answer; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen within {seconds} s: {answer!r}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Product:
    """Start it, use it over HTTP, look at its rows, stop it."""

    def __init__(self, var: Path, **environment: str) -> None:
        self.var = var
        self.name = f"journey_{uuid4().hex[:12]}"
        self.web_port, self.carrier_port = free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.web_port}"
        self.carrier = f"http://127.0.0.1:{self.carrier_port}"
        self.environment = (
            os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "textengage.settings",
                "VAR_DIR": str(var),
                "STATIC_ROOT": str(STATIC),
                "DATABASE_URL": self._url(self.name),
                "PUBLIC_URL": self.base,
                "TWILIO_BASE_URL": self.carrier,
            }
            | environment
        )
        if "REDIS_URL" in self.environment:
            # Two products on one Redis must not do each other's tasks.
            server = self.environment["REDIS_URL"].rpartition("/")[0]
            self.environment["REDIS_URL"] = f"{server}/{next(REDIS_DATABASES)}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Product":
        with psycopg.connect(self._url("postgres"), autocommit=True) as database:
            database.execute(quoted.SQL("CREATE DATABASE {}").format(quoted.Identifier(self.name)))
        self.rows_connection = psycopg.connect(self._url(self.name), autocommit=True)
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self) -> None:
        self.manage("migrate", "-v", "0")
        self.manage("seed")
        if not COLLECTED:
            # Compressing them is half of a start, and they are the same for every product.
            self.manage("collectstatic", "--noinput", "--clear", "-v", "0")
            COLLECTED.append(STATIC)
        self.start_carrier()
        self.start_web()
        self.start_worker()
        until(lambda: self._answers(self.base + "/healthz"), seconds=30)
        until(lambda: self._answers(self.carrier + "/carrier/health"), seconds=30)

    def __exit__(self, *error: object) -> None:
        for name in list(self.processes):
            self.stop(name)
        self.rows_connection.close()
        with psycopg.connect(self._url("postgres"), autocommit=True) as database:
            database.execute(
                quoted.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted.Identifier(self.name))
            )

    # --- processes ---------------------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_carrier(self) -> None:
        arguments = (self.var / "carrier.args").read_text().splitlines()
        quick = ["--sent-after", "0.05", "--final-after", "0.1", "--answer-after", "0.05"]
        port = ["--port", str(self.carrier_port)]
        self._start("carrier", ["-m", "messaging.simulator", *port, *arguments, *quick])

    def start_web(self) -> None:
        port = ["--port", str(self.web_port), "--log-level", "warning"]
        self._start(
            "web", ["-m", "uvicorn", "textengage.asgi:application", *port], DATABASE_POOL="6"
        )

    def start_worker(self, name: str = "worker") -> None:
        pool = ["--pool", "threads", "--concurrency", "2", "--loglevel", "INFO"]
        self._start(name, ["-m", "celery", "-A", "textengage", "worker", *pool, "-n", name])

    def call_the_timetable(self) -> None:
        """What beat does each minute, without waiting for the minute."""
        every_minute = ["call", "textengage.timetable.every_minute"]
        self._start("beat", ["-m", "celery", "-A", "textengage", *every_minute])

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        process = self.processes.pop(name)
        process.send_signal(number)
        process.wait(timeout=40)

    def log(self, name: str) -> str:
        return (self.var / f"{name}.log").read_text(errors="replace")

    def _start(self, name: str, arguments: list[str], **environment: str) -> None:
        with open(self.var / f"{name}.log", "ab") as out:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT, env=self.environment | environment, stdout=out, stderr=out,
            )  # fmt: skip

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            return requests.get(url, timeout=1).ok
        except requests.RequestException:
            return False

    # --- what the world sees -------------------------------------------------------------

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.rows_connection.execute(statement, parameters).fetchall()

    def value(self, statement: str, *parameters: Any) -> Any:
        ((value,),) = self.rows(statement, *parameters)
        return value

    def play(self, path: str, given: Any) -> Any:
        answer = requests.post(self.carrier + path, json=given, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def text_from(self, number: str, body: str) -> None:
        """Somebody types on their phone."""
        given = {"to": RITA_NUMBER, "body": body, "wait": True}
        assert self.play(f"/carrier/phones/{number}/send", given)["answer"] == "204"

    def truth(self) -> list[dict[str, Any]]:
        """The texts the carrier really accepted, oldest first."""
        found = requests.get(self.carrier + "/carrier/truth?limit=100000", timeout=10).json()
        accepted: list[dict[str, Any]] = found["messages"]
        return accepted

    def sign_in(self, email: str) -> "Visitor":
        return Visitor(self.base, email)

    @staticmethod
    def _url(name: str) -> str:
        before, _, after = os.environ["DATABASE_URL"].partition("?")
        return re.sub(r"/[^/]*$", f"/{name}", before) + (f"?{after}" if after else "")

    def audit(self) -> dict[str, Any]:
        """The invariants over everything this journey did."""
        done = subprocess.run(
            [sys.executable, "manage.py", "audit", "--json"],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


class Visitor:
    """Somebody in a browser without scripts: forms and links."""

    def __init__(self, base: str, email: str) -> None:
        self.base, self.session = base, requests.Session()
        page = self.post("/sign-in/", {"username": email, "password": PASSWORD})
        assert page.url.rstrip("/") == base, page.url

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.base + path, timeout=10)

    def post(self, path: str, fields: dict[str, str], at: str | None = None) -> requests.Response:
        """Fill in a form as it stands on the page ``at`` (or on the address itself)."""
        page = self.get(at or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text[:500]
        return self.session.post(
            self.base + path,
            {**fields, "csrfmiddlewaretoken": token[1]},
            headers={"Referer": self.base + (at or path)},
            timeout=10,
        )
