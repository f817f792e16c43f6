"""Runs the whole product on one machine and takes all of it down again.

Postgres (unless DATABASE_URL is set), then the simulated carrier (unless TWILIO_BASE_URL is
set), web, worker and beat. A program that ends by itself is started again.
"""

import signal
import time
from typing import IO

from textengage.demo.child import Child
from textengage.demo.ground import answers, database, reaping, refuse_taken_port
from textengage.demo.lock import Stopped, only_one
from textengage.demo.options import Plan
from textengage.demo.programs import environment, environment_of, prepare, programs

LOOK_SECONDS = 0.2
HEALTHY_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 7


def supervise(plan: Plan) -> int:
    """Returns after Ctrl-C or SIGTERM, with nothing left running. Raises Stopped."""
    with only_one(plan):
        for port in [plan.port, plan.carrier_port][: 1 + plan.simulates_carrier]:
            refuse_taken_port(plan.host, port)
        with database(plan) as url, reaping() as pipe:
            demo = Demo(plan, url, pipe)
            try:
                demo.run()
            finally:
                demo.stop()
    return 0


class Demo:
    def __init__(self, plan: Plan, database_url: str, pipe: IO[str]) -> None:
        self.plan = plan
        self.env = environment(plan, database_url)
        self.pipe = pipe
        self.children: list[Child] = []
        self.interrupts = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupted)

    def run(self) -> None:
        print("Preparing database and static files …", flush=True)
        sign_ins = self._prepare()
        self.children = [self._child(name, argv) for name, argv in programs(self.plan).items()]
        for child in self.children:
            child.start()
        self._wait_until_healthy()
        print(_greeting(self.plan, sign_ins), flush=True)
        while True:
            self._pause()
            self._watch()

    def stop(self) -> None:
        """Asks every program to end, then insists; a second Ctrl-C insists at once."""
        asked = self.interrupts
        for child in self.children:
            child.signal(signal.SIGTERM)
        until = time.monotonic() + STOP_WITHIN_SECONDS
        while self._running() and time.monotonic() < until and self.interrupts <= asked:
            time.sleep(0.05)
        for child in self._running():
            child.signal(signal.SIGKILL)
        while self._running():
            time.sleep(0.05)

    def _prepare(self) -> str:
        """Migrates, seeds, collects static files; returns the sign-ins."""
        sign_ins = self.plan.var / "sign-ins"
        child = self._child("prepare", prepare(sign_ins))
        self.children = [child]
        child.start()
        while (code := child.ended()) is None:
            self._pause()
        if code:
            raise Stopped(f"Preparing failed; from {child.log}:\n{child.last_words()}")
        return sign_ins.read_text(encoding="utf-8")

    def _child(self, name: str, argv: list[str]) -> Child:
        log = self.plan.var / "log" / f"{name}.log"
        log.parent.mkdir(exist_ok=True)
        log.write_bytes(b"")
        return Child(name, argv, environment_of(name, self.env), log, self.pipe)

    def _wait_until_healthy(self) -> None:
        until = time.monotonic() + HEALTHY_WITHIN_SECONDS
        web = next(child for child in self.children if child.name == "web")
        while not answers(self.plan):
            self._pause()
            if web.ended() is not None or time.monotonic() > until:
                raise Stopped(f"The web process did not start; {web.log}:\n{web.last_words()}")
            self._watch()

    def _watch(self) -> None:
        for child in self.children:
            code = child.ended()
            if code is not None:
                wait = child.start_later()
                words = f"{child.name} ended (code {code}); starting it again in {wait:.0f} s."
                print(f"{words} {child.log}:\n{child.last_words()}", flush=True)
            elif child.due is not None and time.monotonic() >= child.due:
                child.start()

    def _running(self) -> list[Child]:
        for child in self.children:
            child.ended()
        return [child for child in self.children if child.process is not None]

    def _pause(self) -> None:
        if not self.interrupts:
            time.sleep(LOOK_SECONDS)
        if self.interrupts:
            print("\nStopping …", flush=True)
            raise Stopped

    def _interrupted(self, number: int, frame: object) -> None:
        self.interrupts += 1


def _greeting(plan: Plan, sign_ins: str) -> str:
    phones = f"Handsets: {plan.carrier_address}\n" if plan.simulates_carrier else ""
    words = f"Logs: {plan.var / 'log'}. Ctrl-C stops everything."
    return f"\nTextEngage: {plan.address}\n{phones}\n{sign_ins}\n{words}"
