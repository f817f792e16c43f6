"""The files a server is built from: read as far as one can without building it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_compose_runs_each_program_once_and_the_carrier_in_the_demo_only(
    compose: dict[str, Any],
) -> None:
    profiles = {name: service.get("profiles") for name, service in compose["services"].items()}
    always = {name for name, profile in profiles.items() if profile is None}
    assert always == {"web", "worker", "beat", "migrate", "postgres", "redis"}
    assert profiles["carrier"] == ["demo"]


def test_compose_names_only_services_and_volumes_that_exist(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        named = {mount.split(":")[0] for mount in service.get("volumes", [])}
        assert named <= set(compose["volumes"])


def test_compose_holds_no_secret(compose: dict[str, Any]) -> None:
    environment = compose["services"]["web"]["environment"]
    for name in ("SECRET_KEY", "SECRETS_KEYS", "PEPPER"):
        assert environment[name].startswith(f"${{{name}:?")


def test_compose_opens_ports_on_this_machine_only(compose: dict[str, Any]) -> None:
    opened = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert opened == ["127.0.0.1:8000:8000", "127.0.0.1:8100:8100"]


def test_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert any("--require-hashes" in line for line in lines)
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER textengage"]
    assert lines.index(users[0]) < next(n for n, line in enumerate(lines) if line[:3] == "CMD")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_by_hash_and_name_no_place(name: str) -> None:
    text = (ROOT / name).read_text()
    assert [word for word in ("http:", "https:", "file:", "--index", " @ ") if word in text] == []
    packages = [block for block in text.split("\n") if block[:1].isalnum()]
    assert [line for line in packages if "==" not in line or not line.endswith("\\")] == []
