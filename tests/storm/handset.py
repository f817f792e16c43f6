"""The carrier's own API, as the harness uses it: phones, misbehavior, the truth."""

import http.client
import json
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """One text that the carrier really took. ``at`` in seconds since the epoch."""

    body: str
    sender: str
    recipient: str
    at: float
    shown: dict[str, Any]


class Carrier:
    """One connection per thread that asks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._own = threading.local()

    def is_up(self) -> bool:
        try:
            return bool(self._call("GET", "/carrier/health"))
        except OSError:
            return False

    def begin(self, *, seed: int, plan: dict[str, Any], moods: dict[str, str]) -> None:
        """An empty log, and the misbehavior of one schedule."""
        self._call("POST", "/carrier/reset", {})
        phones = [{"number": number, "mood": mood} for number, mood in moods.items()]
        self._call("POST", "/carrier/phones", phones)
        if plan:
            self._call("POST", "/carrier/faults", {"seed": seed, "plan": plan})

    def behave(self) -> dict[str, int]:
        """End all misbehavior; returns how often each kind struck."""
        struck: dict[str, int] = self._call("DELETE", "/carrier/faults")["struck"]
        return struck

    def rent(self, numbers: list[dict[str, str]]) -> None:
        self._call("POST", "/carrier/numbers", numbers)

    def adjust(self, **settings: Any) -> None:
        self._call("POST", "/carrier/settings", settings)

    def text_from(self, number: str, *, to: str, body: str) -> str:
        """Somebody types on their phone; the status the webhook answered, or why none."""
        given = {"to": to, "body": body, "wait": True}
        return str(self._call("POST", f"/carrier/phones/{number}/send", given)["answer"])

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = self._call("GET", "/carrier/counts")
        return counts

    def accepted(self) -> list[Accepted]:
        """Every outbound text in the log, oldest first."""
        found = self._call("GET", "/carrier/truth")["messages"]
        return [
            Accepted(
                each["body"],
                each["from"],
                each["to"],
                datetime.fromisoformat(each["accepted_at"]).timestamp(),
                each,
            )
            for each in found
        ]

    def _call(self, method: str, path: str, given: Any = None) -> Any:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            self._own.connection = connection
        try:
            body = None if given is None else json.dumps(given)
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ConnectionError(f"the carrier did not answer {path}") from error
        if answer.status >= 400:
            raise RuntimeError(f"the carrier answered {path} with {answer.status}: {content!r}")
        return json.loads(content)


def in_flight(counts: dict[str, int]) -> int:
    """Creates that the carrier has begun to read and neither taken nor refused yet."""
    refused = sum(number for name, number in counts.items() if name.startswith("refused_"))
    return counts["requests"] - counts["accepted"] - refused


def wait_until_up(carrier: Carrier, *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not carrier.is_up():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
