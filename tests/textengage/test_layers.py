"""The layers that import-linter cannot name: parts of Django, and programs that stand alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "credits", "messaging", "reporting")
SURFACES = {"web", "api", "admin", "migrations", "simulator"}
AT_THE_DOOR = {"middleware.py", "hooks.py"}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offences(files: list[Path], *banned: str) -> list[str]:
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imports(file)
        if any(f"{name}.".startswith(f"{word}.") for word in banned)
    ]


def domain() -> list[Path]:
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    return [f for f in files if not (SURFACES & set(f.parts) or f.name in AT_THE_DOOR)]


def test_domain_knows_no_pages_and_no_api() -> None:
    assert offences(domain(), "rest_framework", "django.http", "django.forms") == []


@pytest.mark.parametrize("room", ["channels", "providers"])
def test_wire_code_knows_no_rows(room: str) -> None:
    files = sorted((ROOT / "messaging" / room).rglob("*.py"))
    assert offences(files, "django.db", "django.contrib", "celery", "credits") == []


def test_simulated_carrier_stands_apart() -> None:
    files = sorted((ROOT / "messaging" / "simulator").rglob("*.py"))
    ours = [*APPS, "textengage", "django"]
    others = [line for line in offences(files, *ours) if "imports messaging.simulator" not in line]
    assert others == []


def test_offences_are_found() -> None:
    planted = ROOT / "messaging" / "simulator" / "__main__.py"
    assert offences([planted], "messaging") != []
    assert offences([planted], "mess") == []
