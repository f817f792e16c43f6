"""The simulated carrier as a process: takes the texts of both sides, knows the truth."""

import json
import subprocess
import sys
from collections import Counter
from typing import Any
from urllib.request import Request, urlopen

from benchmarks._benchmark import BenchmarkFailed
from benchmarks._ground import ROOT
from benchmarks.dispatch.constants import TOKEN
from textengage.cast import ACME_SID


class Carrier:
    """Posts no receipts and lets no text arrive, so that it does nothing but accept."""

    def __init__(self, environment: dict[str, str]) -> None:
        words = ["--port", "0", "--no-callbacks", "--sent-after", "600"]
        seeded = ["--account", f"{ACME_SID}:{TOKEN}", "--number", f"{ACME_SID}:+15105550101"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "messaging.simulator", *words, *seeded],
            env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise BenchmarkFailed("The simulated carrier did not start.")
        self.address = line.split()[-1].rstrip("/")

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()

    def forget(self, *, latency_ms: int) -> None:
        """An empty log; every create waits this long before it is looked at."""
        self._call("/carrier/reset", {})
        plan = {"latency": {"seconds": latency_ms / 1000} if latency_ms else False}
        self._call("/carrier/faults", {"plan": plan})

    def check(self, label: str, count: int) -> None:
        """Exactly the tokens label1 to labelN arrived. Raises BenchmarkFailed."""
        texts = self._call("/carrier/truth")["messages"]
        arrived = Counter(text["body"].rpartition(" ")[2] for text in texts)
        wanted = {f"{label}{n}" for n in range(1, count + 1)}
        lost, doubled = len(wanted - arrived.keys()), len(texts) - len(arrived)
        strange = len(arrived.keys() - wanted)
        if lost or doubled or strange:
            raise BenchmarkFailed(
                f"{label}: of {count} texts {lost} lost, {doubled} doubled, {strange} strange"
            )

    def _call(self, path: str, given: Any = None) -> Any:
        body = None if given is None else json.dumps(given).encode()
        with urlopen(Request(self.address + path, body), timeout=30) as answer:  # noqa: S310
            return json.load(answer)
