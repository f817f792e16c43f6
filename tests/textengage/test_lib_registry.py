import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from textengage.lib import registry


class Plug:
    def __init__(self, code: str) -> None:
        self.code = code


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An importable package ``plugs``, empty."""
    made = tmp_path / "plugs"
    made.mkdir()
    (made / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield made
    for name in [name for name in sys.modules if name.split(".")[0] == "plugs"]:
        del sys.modules[name]


def plug(folder: Path, name: str, code: str) -> None:
    line = f"from {__name__} import Plug\nPLUG = Plug({code!r})\n"
    (folder / f"{name}.py").write_text(line)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])


def test_discover_finds_one_plug_in_per_file(folder: Path) -> None:
    plug(folder, "one", "first")
    plug(folder, "two", "second")
    assert list(registry.discover("plugs", Plug)) == ["first", "second"]


def test_discover_passes_over_private_files(folder: Path) -> None:
    plug(folder, "_base", "base")
    assert registry.discover("plugs", Plug) == {}


def test_discover_refuses_one_code_in_two_files(folder: Path) -> None:
    plug(folder, "one", "same")
    plug(folder, "two", "same")
    with pytest.raises(ValueError, match=r"plugs\.two claims the code 'same' again"):
        registry.discover("plugs", Plug)


def test_discover_takes_an_import_of_the_same_plug_in_as_one(folder: Path) -> None:
    plug(folder, "one", "first")
    (folder / "two.py").write_text("from plugs.one import PLUG\n")
    assert list(registry.discover("plugs", Plug)) == ["first"]
