"""The database that comes along: private, shared by processes, gone with its last user."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from textengage.lib.embedded import Server, adopt_secrets, broker_options, local_secrets

HOLD = """
import sys, time
from pathlib import Path
from textengage.lib.embedded import Server
server = Server(Path(sys.argv[1]), durable=False)
server.hold()
print(server.url, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("data, and a space") / "postgres"
    yield home
    Server(home).remove()


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    server = Server(home, durable=False)
    server.hold()
    yield server
    server.release()


def holder(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_database_owner_is_no_superuser_but_may_create_databases(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolcanlogin"
            " AND rolname = current_user"
        ).fetchone()
    assert row == ("textengage", False, True)


@pytest.mark.parametrize("user", ["textengage", "postgres"])
def test_database_refuses_a_sign_in_without_the_password(server: Server, user: str) -> None:
    socket = str(server.socket_folder)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=socket, port=5432, user=user, password="guess", dbname="postgres")


def test_database_listens_on_no_network_and_hides_its_socket(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
    assert row == ("",)
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.home / "password").stat().st_mode) == 0o600


def test_database_of_a_path_too_long_for_a_socket_has_it_elsewhere(tmp_path: Path) -> None:
    short, long = Server(Path("/srv/postgres")), Server(tmp_path / ("x" * 90))
    assert short.socket_folder == Path("/srv/postgres/socket")
    assert tmp_path not in long.socket_folder.parents
    assert len(str(long.socket_folder)) < 80


def test_database_started_by_two_at_once_is_one_and_ends_with_the_last(home: Path) -> None:
    holders = [holder(home), holder(home)]
    urls = {first_line(process) for process in holders}
    assert len(urls) == 1
    holders[0].kill()
    holders[0].communicate()
    time.sleep(0.5)
    with psycopg.connect(urls.pop()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    holders[1].kill()
    holders[1].communicate()
    assert Server(home).wait_until_stopped(seconds=10)
    assert not (home / "data" / "postmaster.pid").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next keeper adopts the server")
def test_database_whose_keeper_was_killed_shuts_down_and_starts_again(server: Server) -> None:
    pid = int((server.home / "data" / "postmaster.pid").read_text().split()[0])
    keeper = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(keeper, signal.SIGKILL)
    while server._listens():
        time.sleep(0.02)
    server.ensure_running()
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_local_secrets_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    first = local_secrets(tmp_path)
    assert set(first) == {"SECRET_KEY", "SECRETS_KEYS", "PEPPER"}
    assert len(set(first.values())) == 3
    assert local_secrets(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_local_secrets_yield_to_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("SECRETS_KEYS")
    monkeypatch.setenv("PEPPER", "ours")
    adopt_secrets(tmp_path)
    assert os.environ["PEPPER"] == "ours"
    assert os.environ["SECRETS_KEYS"] == local_secrets(tmp_path)["SECRETS_KEYS"]


def test_local_secrets_are_not_made_beside_a_real_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/textengage")
    adopt_secrets(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_broker_folders_are_their_owners_only(tmp_path: Path) -> None:
    options = broker_options(tmp_path)
    assert options["data_folder_in"] == options["data_folder_out"]
    assert stat.S_IMODE((tmp_path / "broker").stat().st_mode) == 0o700
