"""The simulated carrier as a process of a benchmark: accepts texts, knows the truth."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.request import Request, urlopen

from benchmarks._programs import Program
from messaging.simulator.segments import segment_count

TOKEN = "the simulated carrier's token"  # noqa: S105 - it opens nothing else


@dataclass(frozen=True, slots=True)
class Accepted:
    """One text as the carrier took it: ``at`` in seconds since the epoch, by its own clock."""

    sender: str
    recipient: str
    token: str
    segments: int
    at: float


class Carrier(Program):
    """Posts no receipts and lets no text arrive, so that it does nothing but accept."""

    def __init__(
        self, name: str, numbers: Mapping[str, Sequence[str]], environment: Mapping[str, str]
    ) -> None:
        """``numbers``: account sid to what it rents."""
        words = [
            "-m",
            "messaging.simulator",
            "--port",
            "0",
            "--no-callbacks",
            "--sent-after",
            "600",
        ]
        for sid in numbers:
            words += ["--account", f"{sid}:{TOKEN}"]
        super().__init__(name, words, environment)
        self.address = self.hear().split()[-1].rstrip("/")
        rented = [{"account": sid, "number": each} for sid, all in numbers.items() for each in all]
        self._call("/carrier/numbers", rented)

    def forget(self) -> None:
        """An empty log."""
        self._call("/carrier/reset", {})

    def accepted(self) -> list[Accepted]:
        """All it took, in its order; the token is the last word of the body."""
        return [
            Accepted(
                text["from"],
                text["to"],
                text["body"].rpartition(" ")[2],
                segment_count(text["body"]),
                datetime.fromisoformat(text["accepted_at"]).timestamp(),
            )
            for text in self._call("/carrier/truth")["messages"]
        ]

    def _call(self, path: str, given: Any = None) -> Any:
        body = None if given is None else json.dumps(given).encode()
        with urlopen(Request(self.address + path, body), timeout=60) as answer:  # noqa: S310
            return json.load(answer)
