"""The carrier as a process, the official client pointed at it, and a listener for its posts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl
from urllib.request import Request, urlopen

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

ACCOUNT = "AC" + "a" * 32
TOKEN = "t" * 32
OTHER_ACCOUNT = "AC" + "b" * 32
OTHER_TOKEN = "u" * 32
NUMBER = "+15105550101"
OTHER_NUMBER = "+15105550102"
DANA = "+15105550142"
OMAR = "+15105550143"


def until(true: Callable[[], Any], *, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        time.sleep(0.005)


class _Detour(HTTPAdapter):
    """Leads what is meant for Twilio to the carrier; all else is the official client."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        request.url = str(request.url).replace("https://api.twilio.com", self.base)
        return super().send(request, *args, **kwargs)


class Program:
    """`python -m messaging.simulator` on a free port."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "messaging.simulator", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        if self.process.stdout is None:
            raise RuntimeError("no standard output")
        self.base = self.process.stdout.readline().split()[-1].rstrip("/")

    def stop(self) -> int:
        self.process.terminate()
        self.process.communicate(timeout=5)
        return self.process.returncode

    def call(self, method: str, path: str, given: Any = None, **headers: str) -> Any:
        body = None if given is None else json.dumps(given).encode()
        request = Request(self.base + path, body, headers, method=method)  # noqa: S310
        with urlopen(request, timeout=5) as answer:  # noqa: S310
            return json.load(answer)

    def faults(self, **plan: Any) -> None:
        self.call("POST", "/carrier/faults", {"plan": plan})

    def truth(self, direction: str = "outbound") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", f"/carrier/truth?direction={direction}")[
            "messages"
        ]
        return found

    def client(self, account: str = ACCOUNT, token: str = TOKEN) -> Client:
        http = TwilioHttpClient(timeout=5)
        http.session.mount("https://api.twilio.com", _Detour(self.base))
        return Client(account, token, http_client=http)

    def mood(self, number: str, mood: str) -> None:
        self.call("POST", "/carrier/phones", {"number": number, "mood": mood})

    def text_from(self, phone: str, body: str, to: str = NUMBER) -> str:
        given = {"to": to, "body": body, "wait": True}
        sid: str = self.call("POST", f"/carrier/phones/{phone}/send", given)["sid"]
        return sid


@dataclass
class Post:
    path: str
    headers: dict[str, str]
    form: dict[str, str]

    def is_signed_for(self, base: str) -> bool:
        shown = self.headers["x-twilio-signature"]
        valid: bool = RequestValidator(TOKEN).validate(base + self.path, self.form, shown)
        return valid


@dataclass
class Listener:
    """What the carrier posted, in order of arrival; `drop` connections are closed unanswered."""

    posts: list[Post] = field(default_factory=list)
    drop: int = 0
    base: str = ""

    def statuses(self) -> list[str]:
        return [post.form["MessageStatus"] for post in self.posts]

    def start(self) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.base = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if listener.drop:
                listener.drop -= 1
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            form = dict(parse_qsl(body, keep_blank_values=True))
            listener.posts.append(Post(self.path, headers, form))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
