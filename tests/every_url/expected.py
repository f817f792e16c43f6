"""The matrix read as expectations: for one probe, the statuses it may get."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.every_url.addresses import OTHER, OWN, states
from tests.every_url.cells import ADMIN, API, PAGE, Cell, Entry
from tests.every_url.matrix import MATRIX, METHODS
from tests.every_url.principals import (
    CUSTOMER_ADMIN,
    MANAGERS,
    NO_SESSION,
    STAFF,
    TOKENS,
    VIEWERS,
)

# Where no row can matter, because no one may use the method, one pair of rows is enough.
ENOUGH: Final = (CUSTOMER_ADMIN,)


@dataclass(frozen=True)
class Probe:
    """One request of the walk."""

    entry: Entry
    method: str
    principal: str
    state: str

    @property
    def cell(self) -> Cell | None:
        return self.entry.cells.get(self.method)

    @property
    def may(self) -> bool:
        """Whether this method at this address is open to the principal."""
        return self.cell is not None and self.principal in self.cell.who

    @property
    def is_allowed(self) -> bool:
        """Whether it is open with this row."""
        return self.may and (self.state == OWN or self._sees_every_customer)

    @property
    def _sees_every_customer(self) -> bool:
        is_staff = self.principal == STAFF and self.entry.surface == ADMIN
        return is_staff and self.state == OTHER

    @property
    def statuses(self) -> frozenset[int]:
        """What the answer's status has to be one of."""
        cell = self.cell
        if cell is None:
            return frozenset({405, refusal(self.entry, self.principal)})
        if self.principal in cell.otherwise:
            own = self.state == OWN
            return frozenset({cell.otherwise[self.principal] if own else cell.absent})
        if not self.may:
            return frozenset({refusal(self.entry, self.principal)})
        return frozenset({cell.status if self.is_allowed else cell.absent})

    def __str__(self) -> str:
        return f"{self.method} {self.entry} with {self.state}"


def refusal(entry: Entry, principal: str) -> int:
    """The status of an address that is closed to somebody."""
    surface = entry.surface
    if surface == API:
        known = VIEWERS | TOKENS | {STAFF}
        return 403 if principal == STAFF else 404 if principal in known else 401
    if principal in NO_SESSION:
        # Inside an open page the whole page goes to the sign-in, by a header of htmx.
        return 200 if entry.fragment else 302
    if surface == PAGE:
        return 302 if principal == STAFF else 404
    return 403


def probes(principal: str) -> Iterator[Probe]:
    """Everything one principal is asked to try."""
    for entry in MATRIX:
        for method in METHODS:
            for state in states(entry):
                probe = Probe(entry, method, principal, state)
                if _is_worth_it(probe):
                    yield probe


def _is_worth_it(probe: Probe) -> bool:
    cell = probe.cell
    if cell is None:
        return probe.state == OWN or probe.principal in ENOUGH
    # What staff may change at one customer they may at the other: once shows it.
    return not (probe.is_allowed and cell.changes and probe.state == OTHER)


def forbidden(probe: Probe) -> frozenset[int]:
    """Addresses that exist for nobody say so to those who are let in."""
    inside = MANAGERS | {STAFF}
    is_inside = probe.entry.surface == ADMIN and probe.principal in inside
    return frozenset({404, 403}) if is_inside and not probe.entry.cells else frozenset()
