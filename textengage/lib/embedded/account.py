"""The system account the database runs as: PostgreSQL refuses to be root."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READ_SEARCH = 2  # CAP_DAC_READ_SEARCH, linux/capability.h; containers often lack it


@dataclass(frozen=True)
class Account:
    """How to start a program as the account; everything empty when we are not root."""

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def drop(self) -> dict[str, Any]:
        """Arguments of subprocess that give root away, unless the prefix already does."""
        if self.uid is None or self.prefix:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def owns(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, argv: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own words only
            [*self.prefix, *argv],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=clean_environment(),
            **self.drop,
        )


def clean_environment() -> dict[str, str]:
    """The environment without PG* (PGPORT would move the server) and with one known locale."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def choose(data: Path, binaries: Path) -> Account:
    """Our own account; as root the owner of the data, else `postgres`, else `nobody`.

    Raises PermissionError when that account cannot reach the data or the programs.
    """
    if os.geteuid() != 0:
        return Account()
    found = _owner(data)
    postgres = binaries / "postgres"
    needed = [*data.parents, postgres, *postgres.parents]
    shut = [path for path in needed if not path.stat().st_mode & stat.S_IXOTH]
    if not shut:
        return Account(found.pw_uid, found.pw_gid)
    account = Account(found.pw_uid, found.pw_gid, _through_shut_folders(found, postgres in shut))
    if not account.prefix or account.run(["test", "-x", str(postgres)]).returncode:
        raise PermissionError(
            f"As root the database runs as {found.pw_name}, which cannot enter {shut[-1]}. "
            f"Run this as an ordinary user, or: chmod o+x {shut[-1]}"
        )
    return account


def _owner(data: Path) -> pwd.struct_passwd:
    if data.exists() and data.stat().st_uid:
        return pwd.getpwuid(data.stat().st_uid)
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _through_shut_folders(account: pwd.struct_passwd, program_too: bool) -> tuple[str, ...]:
    """Words that drop root but keep the right to pass folders like /root; none: impossible.

    Opening those folders to everybody would be the ruder way. access(2), which PostgreSQL
    asks about its programs, ignores kept rights unless no_setuid_fixup is set. Linux only.
    """
    setpriv = shutil.which("setpriv")
    if sys.platform != "linux" or setpriv is None:
        return ()
    word = "dac_override" if program_too or not _allowed(READ_SEARCH) else "dac_read_search"
    ids = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    rights = (f"--inh-caps=+{word}", f"--ambient-caps=+{word}", "--securebits=+no_setuid_fixup")
    return (setpriv, *ids, *rights, "--pdeathsig=INT", "--")


def _allowed(bit: int) -> bool:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("CapBnd:"):
            return bool(int(line.split()[1], 16) >> bit & 1)
    return False
