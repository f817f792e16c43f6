"""Secrets of a machine without a secret store: made once, readable by their owner only."""

import fcntl
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

NAMES = ("SECRET_KEY", "SECRETS_KEYS", "PEPPER")


def adopt_secrets(var: Path) -> None:
    """Puts the secrets of var/secrets.env into the environment where it has none.

    Made on first use, but only beside the embedded database: a server must bring its own.
    """
    if os.environ.get("DATABASE_URL") and not (var / "secrets.env").exists():
        return
    for name, value in local_secrets(var).items():
        if f"{name}_FILE" not in os.environ:
            os.environ.setdefault(name, value)


def local_secrets(var: Path) -> dict[str, str]:
    """The content of var/secrets.env; 32 random bytes each, made if the file is not there."""
    var.mkdir(parents=True, exist_ok=True)
    opened = os.open(var / "secrets.env", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(opened, "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two first starts write one set
        text = file.read()
        if not text:
            text = "".join(f"{name}={_value()}\n" for name in NAMES)
            file.write(text)
    return dict(line.split("=", 1) for line in text.splitlines() if line)


def _value() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")
