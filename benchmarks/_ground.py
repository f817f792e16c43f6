"""Where benchmarks run: a durable embedded PostgreSQL below var/bench, kept between runs."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks._benchmark import BenchmarkFailed
from textengage.lib import embedded

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
# What every database filled by benchmarks._people depends on.
PEOPLE = (
    ROOT / "benchmarks" / "_copies.py",
    ROOT / "benchmarks" / "_numbers.py",
    ROOT / "benchmarks" / "_people.py",
    ROOT / "textengage" / "cast.py",
)
# A caller's own services, secrets and proxies would change what is measured.
NOT_INHERITED = (
    "DATABASE_URL", "DATABASE_POOL", "REDIS_URL", "SECRET_KEY", "SECRETS_KEYS", "PEPPER", "DEBUG",
    "PUBLIC_URL", "HANDSETS_URL", "CELERY_BROKER_URL", "http_proxy", "HTTP_PROXY", "all_proxy",
    "ALL_PROXY",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """One benchmark's database, ready, and what its programs are started with."""

    url: str
    environment: dict[str, str]

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url, autocommit=True)

    @property
    def server(self) -> int:
        """The process id of the database server, parent of all its backends."""
        file = VAR / "postgres" / "data" / "postmaster.pid"
        return int(file.read_text(encoding="utf-8").split()[0])


def prepare(
    name: str, *, builder: str, sources: Iterable[Path], words: Sequence[str] = ()
) -> Ground:
    """A migrated database filled by the builder module's main(words), made anew when a source
    changed.

    Raises BenchmarkFailed.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchmarkFailed("Benchmarks read CPU and memory from Linux's /proc.")
    server = embedded.database_url(VAR)
    url = server.replace("@/textengage?", f"@/{name}?")
    ground = Ground(url, _environment(url))
    stamp = _stamp(sources, words)
    with psycopg.connect(server, autocommit=True) as connection:
        if _filled(connection, name) == stamp:
            return ground
        database = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(database))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        _run(ground, str(ROOT / "manage.py"), "migrate", "--verbosity", "0")
        _run(ground, "-m", "benchmarks._start", builder, *words)
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, sql.Literal(stamp))
        )
    return ground


def _filled(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> str | None:
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return row[0] if row else None


def _stamp(sources: Iterable[Path], words: Sequence[str]) -> str:
    files = [*sorted(ROOT.glob("*/migrations/*.py")), *sorted(sources)]
    parts = [*(file.read_bytes() for file in files), *(word.encode() for word in words)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _environment(url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return kept | embedded.local_secrets(VAR) | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "textengage.settings",
        "LOG_LEVEL": "WARNING",
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
        "VAR_DIR": str(VAR),
    }  # fmt: skip


def _run(ground: Ground, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, *words], env=ground.environment, cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise BenchmarkFailed(f"{' '.join(words)} failed:\n{done.stderr[-2000:]}")
