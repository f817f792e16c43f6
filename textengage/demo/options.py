"""What the command line and the environment say about a demo."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CARRIER_OFFSET = 100  # the simulated carrier listens this far above the pages


@dataclass(frozen=True)
class Plan:
    host: str
    port: int
    var: Path
    reset: bool = False

    @property
    def reachable_host(self) -> str:
        return "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 - compared only

    @property
    def address(self) -> str:
        """Where people and the carrier find us, unless PUBLIC_URL says otherwise."""
        return os.environ.get("PUBLIC_URL") or f"http://{self.reachable_host}:{self.port}"

    @property
    def carrier_port(self) -> int:
        return self.port + CARRIER_OFFSET

    @property
    def carrier_address(self) -> str:
        return f"http://{self.reachable_host}:{self.carrier_port}"

    @property
    def simulates_carrier(self) -> bool:
        return not os.environ.get("TWILIO_BASE_URL")


def parse(arguments: list[str] | None = None) -> Plan:
    parser = argparse.ArgumentParser(prog="manage.py demo", description="Everything, seeded.")
    add_arguments(parser)
    given = parser.parse_args(arguments)
    return plan(given.host, given.port, reset=given.reset)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    port = int(os.environ.get("PORT") or 8000)
    host = os.environ.get("HOST_ADDRESS") or "127.0.0.1"
    parser.add_argument("--port", type=int, default=port, help="of the pages; carrier: 100 above")
    parser.add_argument("--host", default=host, help="the address to listen on")
    parser.add_argument("--reset", action="store_true", help="delete the demo's data and stop")


def plan(host: str, port: int, *, reset: bool = False) -> Plan:
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    return Plan(host, port, var, reset)
