"""Typed readers of the environment that refuse nonsense loudly."""

from pathlib import Path

import environ

read = environ.Env()


def secret(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file that NAME_FILE points at.

    Raises ImproperlyConfigured when neither is set and there is no default.
    """
    path = read.str(f"{name}_FILE", default="")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    if default is None:
        return str(read.str(name))
    return str(read.str(name, default=default))
