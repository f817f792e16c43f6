"""docs/invariants.md says what the code holds."""

import re
from pathlib import Path

from messaging.conversations import status
from textengage import invariants
from textengage.invariants.statements import FILES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "invariants.md"
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \|$", re.MULTILINE)


def test_page_lists_every_invariant_in_its_words() -> None:
    held, later = PAGE.read_text(encoding="utf-8").split("## Not yet")
    assert ROW.findall(held) == [(each.code, each.meaning) for each in invariants.all_invariants()]
    assert dict(ROW.findall(later)) == invariants.NOT_YET


def test_codes_are_used_once() -> None:
    codes = [each.code for each in invariants.all_invariants()] + list(invariants.NOT_YET)
    assert len(codes) == len(set(codes))


def test_statements_speak_of_states_that_exist() -> None:
    lists = re.findall(
        r"\bstate (?:not )?in \(([^)]+)\)",
        "".join(file.read_text(encoding="utf-8") for file in FILES.glob("*.sql")),
    )
    named = {state for each in lists for state in re.findall(r"'(\w+)'", each)}
    assert named == set(status.OUTBOUND)
