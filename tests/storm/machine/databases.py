"""Databases of the machine's own: a template made once per schema, cloned for every worker."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT: Final = Path(__file__).resolve().parents[3]
SOURCES: Final = (
    *sorted(ROOT.glob("*/migrations/*.py")),
    ROOT / "textengage" / "lib" / "clock.py",
    ROOT / "textengage" / "cast.py",
    Path(__file__).with_name("world.py"),
)
MAKING: Final = 0x5703
"""Key of the advisory lock under which the template is made."""


def url_of(name: str) -> str:
    """The address of another database on the server that DATABASE_URL names."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@contextmanager
def clones(number: int, label: str = "") -> Iterator[list[str]]:
    """URLs of so many databases with a world in each, dropped at the end."""
    with _server() as server:
        template = _template(server)
        names = [f"machine_{label or os.getpid()}_{each}" for each in range(number)]
        for name in names:
            _drop(server, name)
            _execute(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield [url_of(name) for name in names]
    finally:
        with _server() as server:
            for name in names:
                _drop(server, name)


def _server() -> psycopg.Connection[tuple[str]]:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def _template(server: psycopg.Connection[tuple[str]]) -> str:
    stamp = hashlib.sha256(b"\0".join(file.read_bytes() for file in SOURCES)).hexdigest()[:12]
    name = f"machine_template_{stamp}"
    # Two runs at once make one template; the lock ends with the connection.
    server.execute("SELECT pg_advisory_lock(%s)", [MAKING])
    known = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
    if name not in known:
        for old in known:
            if old.startswith("machine_template_"):
                _drop(server, old)
        making = f"machine_making_{stamp}"
        _drop(server, making)
        _execute(server, "CREATE DATABASE {}", making)
        run_python(url_of(making), "manage.py", "migrate", "--verbosity", "0")
        run_python(url_of(making), "-m", "tests.storm.machine", "--build")
        _execute(server, "ALTER DATABASE {} RENAME TO {}", making, name)
    server.execute("SELECT pg_advisory_unlock(%s)", [MAKING])
    return name


def _drop(server: psycopg.Connection[tuple[str]], name: str) -> None:
    _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _execute(server: psycopg.Connection[tuple[str]], statement: str, *names: str) -> None:
    server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def environment(url: str) -> dict[str, str]:
    """What a program of the machine is started with."""
    return os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LOG_LEVEL": "CRITICAL",
        "PYTHONPATH": str(ROOT),
    }


def run_python(url: str, *words: str) -> None:
    """Raises RuntimeError with what the program said."""
    done = subprocess.run(
        [sys.executable, *words],
        env=environment(url),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stderr[-3000:]}")
