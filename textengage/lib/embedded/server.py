"""The embedded PostgreSQL: started by whoever needs it first, stopped when nobody does."""

import atexit
import fcntl
import hashlib
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from textengage.lib.embedded import cluster, keeper
from textengage.lib.embedded.account import Account, choose, clean_environment

PORT = 5432  # only part of the socket's name: the server listens on no network
SOCKET_PATH_LIMIT = 103  # bytes; macOS allows 104 with the closing zero, Linux 108
START_SECONDS = 60
LOG_BYTES = 5_000_000
ALWAYS = {"max_connections": "150", "jit": "off", "listen_addresses": ""}
FAST_AND_LOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_held: dict[Path, "Server"] = {}
_lock = threading.Lock()


class ServerFailed(Exception):
    """The embedded database did not start; the text says why."""


def database_url(var: Path, *, durable: bool = True) -> str:
    """URL of the running server below a folder, started if need be and ours until we exit.

    Not durable: fast, for tests; exiting then waits until the server is gone.
    Raises ServerFailed.
    """
    home = var.resolve() / "postgres"
    with _lock:
        if home not in _held:
            server = Server(home, durable=durable)
            server.hold()
            _held[home] = server
            if not durable:
                atexit.register(server.release)
    return _held[home].url


class Server:
    """One cluster below one folder, shared by any number of processes."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self._lease: IO[str] | None = None

    @property
    def url(self) -> str:
        word, folder = cluster.password(self.home), quote(str(self.socket_folder))
        name = cluster.NAME
        return f"postgres://{name}:{word}@/{name}?host={folder}&port={PORT}"

    @property
    def socket_folder(self) -> Path:
        """Below the cluster, or a private temporary folder where that path does not do.

        It is too long, or holds a comma: for PostgreSQL's client that separates two hosts.
        """
        near = self.home / "socket"
        length = len(os.fsencode(near / f".s.PGSQL.{PORT}.lock"))
        if length <= SOCKET_PATH_LIMIT and "," not in str(near):
            return near
        word = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        far = Path(tempfile.gettempdir()) / f"textengage-{word}"
        return far if len(os.fsencode(far)) < 80 else Path("/tmp") / far.name  # noqa: S108

    def hold(self) -> None:
        """Keeps the server alive for us from now on. Raises ServerFailed."""
        self.home.mkdir(parents=True, exist_ok=True)
        lease = open(self.home / "lease", "a")  # noqa: SIM115 - the open file is the lease
        fcntl.flock(lease, fcntl.LOCK_SH)  # waits while a keeper is just stopping the server
        try:
            self.ensure_running()
        except BaseException:
            lease.close()
            raise
        self._lease = lease

    def ensure_running(self) -> None:
        with _locked(self.home / "starting"):
            if not (self.is_kept() and self._answers()):
                try:
                    self._start()
                except (cluster.ClusterFailed, PermissionError) as error:
                    raise ServerFailed(str(error)) from error

    def release(self, seconds: float = 20) -> bool:
        """Gives up our hold and waits for the server's end; False when others still use it."""
        if self._lease is None:
            return True
        self._lease.close()
        self._lease = None
        return self.wait_until_stopped(seconds)

    def wait_until_stopped(self, seconds: float) -> bool:
        """False as soon as it is clear that somebody uses the server, or after the time."""
        until = time.monotonic() + seconds
        while self.is_kept() and time.monotonic() < until:
            if self._has_other_users():
                return False
            time.sleep(0.05)
        return not self.is_kept()

    def remove(self) -> None:
        """Deletes all data. The caller makes sure that nobody uses it."""
        shutil.rmtree(self.socket_folder, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def is_kept(self) -> bool:
        return not _can_lock(self.home / "guard", fcntl.LOCK_SH)

    def _has_other_users(self) -> bool:
        lease = self.home / "lease"
        return not _can_lock(lease, fcntl.LOCK_EX) and _can_lock(lease, fcntl.LOCK_SH)

    def _start(self) -> None:
        data = self.home / "data"
        alone = self._listens()  # its keeper was killed; take it over rather than cut its users off
        if not (alone or self.durable) and (data / "postmaster.pid").exists():
            shutil.rmtree(data)  # died without fsync: cheaper made anew than trusted
        account = choose(data, cluster.BINARIES)
        cluster.ensure(self.home, account, durable=self.durable)
        self._make_socket_folder(account)
        self._start_keeper(account, adopt=alone)
        self._wait_until_ready()

    def _make_socket_folder(self, account: Account) -> None:
        folder = self.socket_folder
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.uid):
            raise PermissionError(f"{folder} belongs to somebody else.")
        folder.chmod(0o700)
        account.owns(folder)

    def _start_keeper(self, account: Account, *, adopt: bool) -> None:
        spec = {name: str(self.home / name) for name in ("guard", "lease", "data")}
        rest = {"adopt": adopt, "drop": account.drop, "argv": [*account.prefix, *self._argv()]}
        log = self.home / "log"
        mode = "w" if log.exists() and log.stat().st_size > LOG_BYTES else "a"
        with open(log, mode, encoding="utf-8") as out:
            subprocess.run(  # noqa: S603 - our own words only
                [sys.executable, "-I", keeper.__file__, json.dumps(spec | rest)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                env=clean_environment(),
                check=True,
            )

    def _argv(self) -> list[str]:
        folder = str(self.socket_folder).replace('"', '""')
        options = ALWAYS | ({} if self.durable else FAST_AND_LOSE)
        options |= {"unix_socket_directories": f'"{folder}"', "unix_socket_permissions": "0700"}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        postgres = str(cluster.BINARIES / "postgres")
        return [postgres, "-D", str(self.home / "data"), "-p", str(PORT), *words]

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.is_kept() or time.monotonic() > until:
                lines = (self.home / "log").read_text(encoding="utf-8").splitlines()
                raise ServerFailed("The database did not start:\n" + "\n".join(lines[-15:]))
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            lines = (self.home / "data" / "postmaster.pid").read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and self._listens()

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(self.socket_folder / f".s.PGSQL.{PORT}")) == 0


def _can_lock(path: Path, kind: int) -> bool:
    """Whether the lock is free, without keeping it."""
    if not path.exists():
        return True
    with open(path, "a") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
