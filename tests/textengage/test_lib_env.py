from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from textengage.lib import env


def test_secret_reads_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "open sesame")
    assert env.secret("A_SECRET") == "open sesame"


def test_secret_prefers_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET", "from the variable")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "secret"))
    assert env.secret("A_SECRET") == "from the file"


def test_secret_that_nobody_gave_is_refused_loudly() -> None:
    with pytest.raises(ImproperlyConfigured):
        env.secret("NOBODY_SET_THIS")


def test_secret_has_a_default() -> None:
    assert env.secret("NOBODY_SET_THIS", "quiet") == "quiet"
