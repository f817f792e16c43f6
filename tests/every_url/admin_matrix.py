"""The admin's part of the matrix: for every model who looks, who adds, who changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tests.every_url.cells import ADMIN, Cell, Entry
from tests.every_url.principals import EVERYBODY, MANAGERS, NOBODY, ONLY_STAFF

ENTERING: Final = MANAGERS | ONLY_STAFF


@dataclass(frozen=True)
class Table:
    """A model in the admin. Nothing is ever deleted, so that is no column."""

    name: str
    look: frozenset[str] = ENTERING
    add: frozenset[str] = NOBODY
    change: frozenset[str] = NOBODY

    @property
    def kind(self) -> str:
        return self.name.partition("/")[2]


TABLES: Final = (
    Table("accounts/auditentry"),
    Table("accounts/customer", add=ONLY_STAFF, change=ENTERING),
    Table("accounts/license", add=ENTERING),
    Table("accounts/seat"),
    Table("accounts/team", add=ENTERING, change=ENTERING),
    Table("accounts/user", add=ENTERING, change=ENTERING),
    Table("credits/balance"),
    Table("credits/country", look=ONLY_STAFF, add=ONLY_STAFF, change=ONLY_STAFF),
    Table("credits/grant", add=ONLY_STAFF),
    Table("credits/ledgerentry"),
    Table("credits/tier", look=ONLY_STAFF, add=ONLY_STAFF, change=ONLY_STAFF),
    Table("messaging/inboundevent"),
    Table("messaging/provideraccount", add=ENTERING, change=ENTERING),
    Table("messaging/sender", add=ONLY_STAFF, change=ENTERING),
)

PLATFORM: Final = frozenset(table.kind for table in TABLES if table.look == ONLY_STAFF)
ROW: Final = "<path:object_id>/"


def opens(cell: Cell) -> Mapping[str, Cell]:
    """The admin's views answer these three alike unless they change something."""
    return {"GET": cell, "HEAD": Cell(cell.who, cell.status, absent=cell.absent), "POST": cell}


def posts(who: frozenset[str], body: str) -> Cell:
    return Cell(who, 302, body=body if who else "", changes=True)


def entries_of(table: Table) -> Iterator[Entry]:
    stem = f"admin/{table.name}/"
    row = {"object_id": table.kind}
    yield Entry(stem, ADMIN, opens(Cell(table.look, shows=table.kind)))
    yield Entry(
        f"{stem}add/",
        ADMIN,
        {
            "GET": Cell(table.add),
            "HEAD": Cell(table.add),
            "POST": posts(table.add, f"add {table.kind}"),
        },
    )
    yield Entry(f"{stem}{ROW}history/", ADMIN, opens(Cell(table.look)), row)
    yield Entry(f"{stem}{ROW}delete/", ADMIN, {}, row)
    yield Entry(
        f"{stem}{ROW}change/",
        ADMIN,
        {
            "GET": Cell(table.look, shows=table.kind),
            "HEAD": Cell(table.look),
            "POST": posts(table.change, f"change {table.kind}"),
        },
        row,
    )
    # The short form leads to the page of change, whatever the id is.
    yield Entry(stem + ROW, ADMIN, opens(Cell(ENTERING, 302, absent=302)), row)


HOME: Final = (
    Entry("admin/", ADMIN, opens(Cell(ENTERING))),
    Entry(
        "admin/login/",
        ADMIN,
        dict.fromkeys(
            ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), Cell(EVERYBODY, 302)
        ),
    ),
    Entry(
        "admin/autocomplete/",
        ADMIN,
        {"GET": Cell(ENTERING, shows="license"), "HEAD": Cell(ENTERING)},
        sample="/admin/autocomplete/?app_label=accounts&model_name=license&field_name=user&term=",
    ),
    Entry("admin/jsi18n/", ADMIN, {"GET": Cell(ENTERING), "HEAD": Cell(ENTERING)}),
    Entry(
        "admin/^(?P<app_label>accounts|credits|messaging)/$",
        ADMIN,
        opens(Cell(ENTERING, 302)),
        sample="/admin/accounts/",
    ),
    Entry("admin/(?P<url>.*)$", ADMIN, {}, sample="/admin/nothing/here/"),
)

ENTRIES: Final = (*HOME, *(entry for table in TABLES for entry in entries_of(table)))
