"""Discovery of plug-ins: one new file in a folder is one new plug-in."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Protocol, TypeVar


class Coded(Protocol):
    """Anything with a stable word that names it."""

    @property
    def code(self) -> str: ...


T = TypeVar("T", bound=Coded)


def modules_of(package: str) -> Iterator[ModuleType]:
    """Every public module directly inside a package, by name, imported."""
    parent = importlib.import_module(package)
    for found in sorted(pkgutil.iter_modules(parent.__path__), key=lambda info: info.name):
        if not found.name.startswith("_"):
            yield importlib.import_module(f"{package}.{found.name}")


def discover(package: str, kind: type[T]) -> dict[str, T]:
    """Instances of ``kind`` found at module level in a package, by their ``code``.

    Raises ValueError when two files claim one code.
    """
    found: dict[str, T] = {}
    for module in modules_of(package):
        for value in vars(module).values():
            if not isinstance(value, kind):
                continue
            if found.setdefault(value.code, value) is not value:
                raise ValueError(f"{module.__name__} claims the code {value.code!r} again")
    return found
