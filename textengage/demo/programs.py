"""The programs of a demo: what each is started with."""

import os
import sys
from pathlib import Path

from textengage.demo.options import ROOT, Plan
from textengage.lib.embedded import local_secrets

WEB_CONNECTIONS = "10"  # only the pages pool theirs; Celery closes its own around every task
GRACE_SECONDS = 3  # for open pages (live updates) when the web process is told to stop


def environment(plan: Plan, database_url: str) -> dict[str, str]:
    """What every program of the demo shares; anything already set by the caller wins."""
    ours = {
        "PUBLIC_URL": plan.address,
        "PYTHONUNBUFFERED": "1",
        "VAR_DIR": str(plan.var),
    }
    if plan.simulates_carrier:
        ours |= {"TWILIO_BASE_URL": plan.carrier_address, "HANDSETS_URL": plan.carrier_address}
    given = {name: value for name, value in os.environ.items() if value and name != "DEBUG"}
    fixed = {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "textengage.settings"}
    return local_secrets(plan.var) | ours | given | fixed


def environment_of(name: str, shared: dict[str, str]) -> dict[str, str]:
    return {"DATABASE_POOL": WEB_CONNECTIONS} | shared if name == "web" else shared


def prepare(sign_ins: Path) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "demo", "--prepare", str(sign_ins)]


def programs(plan: Plan) -> dict[str, list[str]]:
    """Name to command line, in the order of starting."""
    found = {"web": _web(plan), "worker": _worker(), "beat": _beat(plan)}
    return {"carrier": _carrier(plan)} | found if plan.simulates_carrier else found


def _web(plan: Plan) -> list[str]:
    where = ["--host", plan.host, "--port", str(plan.port)]
    grace = ["--timeout-graceful-shutdown", str(GRACE_SECONDS)]
    app = "textengage.asgi:application"
    return [sys.executable, "-m", "uvicorn", app, *where, *grace, "--no-access-log"]


def _celery(*words: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "textengage", *words, "--loglevel", "INFO"]


def _worker() -> list[str]:
    return _celery("worker", "--pool", "threads", "--concurrency", "4")


def _beat(plan: Plan) -> list[str]:
    return _celery("beat", "--schedule", str(plan.var / "beat"), "--pidfile", "")


def _carrier(plan: Plan) -> list[str]:
    """With the accounts, numbers and phones that the seed left in var/carrier.args."""
    file = plan.var / "carrier.args"
    seeded = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    where = ["--host", plan.host, "--port", str(plan.carrier_port)]
    return [sys.executable, "-m", "messaging.simulator", *where, *seeded]
