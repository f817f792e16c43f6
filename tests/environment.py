"""The environment of a test run; imported before the settings are read."""

import os
from pathlib import Path

from textengage.lib import embedded

VAR_DIR = Path(__file__).resolve().parent.parent / "var" / "tests"

os.environ["VAR_DIR"] = str(VAR_DIR)
os.environ["DEBUG"] = "false"
for name in ("SECRET_KEY", "SECRETS_KEYS", "PEPPER"):
    os.environ[name] = f"{name} for tests only, and long enough to be taken for one"
if not os.environ.get("DATABASE_URL"):
    # Workers of pytest-xdist inherit the URL, so only the first process holds the server.
    os.environ["DATABASE_URL"] = embedded.database_url(VAR_DIR, durable=False)

# WhiteNoise warns when the folder is missing, and warnings are errors here.
(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)
