"""What always holds, looked at over the whole database (docs/invariants.md).

`inspect` is what `manage.py audit` runs, and what a test may run at its end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db import connection, transaction

from textengage.invariants import audit_chain, foreign_keys, powers
from textengage.invariants.finding import Finding, Invariant
from textengage.invariants.statements import written
from textengage.lib import clock
from textengage.lib.scoping import across_customers

GROUPS: Final = "OCSGTRPAB"

NOT_YET: Final = {
    "S4": "quiet hours of campaigns",
    "S5": "WhatsApp's 24 hours",
    "S6": "WeChat's replies per inbound text",
    "T2": "outgoing webhooks",
    "K1": "campaigns",
    "K2": "campaigns",
    "K3": "campaigns",
    "W1": "outgoing webhooks",
}
"""Codes that are taken, for parts of the product that have no table yet."""

AWAITED: Final = {"P1": "purge"}
"""Written already, but nothing can make rows for them until that part exists."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one look found, in the order of the codes."""

    findings: dict[Invariant, Finding]

    @property
    def examined(self) -> int:
        return sum(finding.examined for finding in self.findings.values())

    @property
    def violations(self) -> int:
        return sum(finding.count for finding in self.findings.values())

    @property
    def not_shown(self) -> list[str]:
        """Invariants that had nothing to look at, so that nothing is known about them."""
        empty = (each.code for each, found in self.findings.items() if found.examined == 0)
        return [code for code in empty if code not in AWAITED]

    def as_json(self) -> dict[str, Any]:
        return {
            "invariants": [
                {
                    "code": each.code,
                    "meaning": each.meaning,
                    "examined": finding.examined,
                    "violations": finding.ids,
                    "count": finding.count,
                }
                for each, finding in self.findings.items()
            ],
            "examined": self.examined,
            "violations": self.violations,
            "not_shown": self.not_shown,
        }


@cache
def all_invariants() -> list[Invariant]:
    """Every invariant that holds something today, by group and number."""
    found = [
        *written(),
        audit_chain.invariant(),
        foreign_keys.invariant(),
        powers.invariant(),
    ]
    return sorted(found, key=lambda each: (GROUPS.index(each.code[0]), int(each.code[1:])))


def inspect() -> Report:
    """Look at every invariant in one snapshot and write nothing.

    Called inside a transaction, as tests do, it sees that transaction's rows instead.
    """
    # The audit is exempt from scoping: what it holds is true across customers.
    with across_customers(), _snapshot():
        now = clock.now()
        return Report({each: each.look(now) for each in all_invariants()})


@contextmanager
def _snapshot() -> Iterator[None]:
    own = not connection.in_atomic_block
    with transaction.atomic():
        if own:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
