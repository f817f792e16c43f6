"""Where a storm rages: a PostgreSQL and secrets of its own, that may be pulled down at once."""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from textengage.lib import embedded
from textengage.lib.embedded import Server, account, cluster

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "storm"
REDIS = "redis-server"
"""The broker, where it is installed; otherwise the product's folders."""
# A caller's own services, secrets and proxies are none of a storm's business.
NOT_INHERITED = (
    "DATABASE_URL", "DATABASE_POOL", "REDIS_URL", "SECRET_KEY", "SECRETS_KEYS", "PEPPER", "DEBUG",
    "PUBLIC_URL", "HANDSETS_URL", "CELERY_BROKER_URL", "http_proxy", "HTTP_PROXY", "all_proxy",
    "ALL_PROXY", "VAR_DIR", "STATIC_ROOT",
)  # fmt: skip
# What was answered as committed must survive the server's own death, so commits are
# written; the machine is not pulled down, so nobody waits for the disk.
CONFIGURATION = """
fsync = off
full_page_writes = off
synchronous_commit = on
deadlock_timeout = 200ms
autovacuum_naptime = 10s
"""


class GroundFailed(Exception):
    """There is nowhere to storm; the text says why."""


def var() -> Path:
    """The folder of this storm's cluster, logs and board: STORM_VAR, or below the tree."""
    return Path(os.environ.get("STORM_VAR") or ROOT / "var" / "storm").resolve()


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Raises GroundFailed when another storm rages in the same folder."""
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GroundFailed(f"Another storm is going on in {home}.") from None
        yield


def prepare(home: Path) -> tuple[Server, dict[str, str]]:
    """A running server that we hold, and the environment of everything that uses it.

    The database is migrated, and made anew when a migration or the world's source changed.
    """
    server = Server(home / "postgres")
    _ensure_cluster(server.home)
    server.hold()
    environment = _environment(home, url_of(server, DATABASE))
    _ensure_database(server, environment)
    return server, environment


def url_of(server: Server, database: str) -> str:
    return server.url.replace("@/textengage?", f"@/{database}?")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def restart_at_once(server: Server) -> None:
    """What pulling the plug is to PostgreSQL: SIGQUIT, no checkpoint, then recovery."""
    lines = (server.home / "data" / "postmaster.pid").read_text(encoding="utf-8").split("\n")
    os.kill(int(lines[0]), signal.SIGQUIT)
    while server.is_kept():
        time.sleep(0.01)
    server.ensure_running()


def _ensure_cluster(home: Path) -> None:
    if (home / "data").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    cluster.ensure(home, account.choose(home / "data", cluster.BINARIES), durable=False)
    with open(home / "data" / "postgresql.conf", "a", encoding="ascii") as file:
        file.write(CONFIGURATION)


def _ensure_database(server: Server, environment: dict[str, str]) -> None:
    stamp = _stamp()
    name = sql.Identifier(DATABASE)
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [DATABASE],
        ).fetchone()
        if row and row[0] == stamp:
            return
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        _run(environment, str(ROOT / "manage.py"), "migrate", "--verbosity", "0")
        _run(environment, "-m", "tests.storm.child", "tests.storm.world")
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(stamp)))


def _stamp() -> str:
    files = [
        *sorted(ROOT.glob("*/migrations/*.py")),
        ROOT / "textengage" / "cast.py",
        ROOT / "tests" / "storm" / "world.py",
    ]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _environment(home: Path, url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    broker = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"} if shutil.which(REDIS) else {}
    return kept | embedded.local_secrets(home) | broker | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "textengage.settings",
        "LOG_LEVEL": "WARNING",
        "NO_PROXY": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "PYTHONPATH": str(ROOT),
        "STORM_VAR": str(home),
        "TWILIO_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "VAR_DIR": str(home),
    }  # fmt: skip


def _run(environment: dict[str, str], *words: str) -> None:
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise GroundFailed(f"{' '.join(words)} failed:\n{done.stderr[-3000:]}")
