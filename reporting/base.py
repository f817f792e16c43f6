"""What a report is: a declaration from which page, figures and file follow.

Columns and filters are database expressions, so a row is one tuple, a page is one query
however many rows it has, and a figure *is* the filters that open its rows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import Combinable

from accounts.viewer import Viewer
from reporting.timeframes import Timeframe

Chosen = dict[str, str]
"""A filter's code to the option taken; a filter not named lets every row pass."""
Cursor = tuple[datetime, UUID]
"""The instant and id of the last row shown: the next page begins right after it."""


@dataclass(frozen=True)
class Option:
    """One choice of a filter: its word, and the rows it stands for."""

    code: str
    label: str
    q: Q


@dataclass(frozen=True)
class Filter:
    code: str
    title: str
    options: tuple[Option, ...]

    def option(self, code: str) -> Option:
        """Raises KeyError for an unknown code."""
        return {option.code: option for option in self.options}[code]


@dataclass(frozen=True)
class Column:
    """One column; ``page`` names the URL that a cell opens, with ``page_id`` as argument.

    Phone numbers stay E.164 in files and are written with spaces on pages.
    """

    title: str
    value: Combinable
    is_number: bool = False
    is_time: bool = False
    is_phone: bool = False
    page: str = ""
    page_id: Combinable | None = None


@dataclass(frozen=True)
class Figure:
    """How many rows pass the filters named."""

    label: str
    filters: Chosen
    value: int = 0


@dataclass(frozen=True)
class Card:
    """A summary: one figure, and the figures it is made of."""

    title: str
    total: Figure
    parts: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Cell:
    value: Any
    column: Column
    page_id: Any = None


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and where the next ones begin."""

    rows: Sequence[Sequence[Cell]]
    next: Cursor | None


@dataclass(frozen=True, repr=False)
class Report:
    """One report: one instance in one file of ``reporting/reports``.

    ``source`` gives the rows a viewer may see (their model has a uuid ``id``), ``at`` names
    the instant that puts a row into a timeframe.
    """

    code: str
    title: str
    about: str
    source: Callable[[Viewer], QuerySet[Any]]
    at: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    cards: tuple[Card, ...] = ()
    power: str = "read_reports"
    nouns: tuple[str, str] = ("row", "rows")

    def __repr__(self) -> str:
        return f"<Report {self.code}>"

    def rows(
        self, viewer: Viewer, timeframe: Timeframe, chosen: Chosen | None = None
    ) -> QuerySet[Any]:
        """The rows of a timeframe that pass the filters. Raises KeyError for unknown ones."""
        if not viewer.can(self.power):
            return self.source(viewer).none()
        rows = self.source(viewer).filter(self._passing(chosen or {}))
        if timeframe.since:
            rows = rows.filter(**{f"{self.at}__gte": timeframe.since})
        if timeframe.until:
            rows = rows.filter(**{f"{self.at}__lt": timeframe.until})
        return rows

    def page(
        self,
        viewer: Viewer,
        timeframe: Timeframe,
        chosen: Chosen | None = None,
        after: Cursor | None = None,
        size: int = 50,
    ) -> Page:
        """The newest rows, or those that follow a cursor, in one query."""
        rows = self.rows(viewer, timeframe, chosen).order_by(f"-{self.at}", "-id")
        if after:
            rows = rows.filter(self._following(*after))
        links = [column.page_id for column in self.columns if column.page_id is not None]
        values = [column.value for column in self.columns]
        found = list(rows.values_list(self.at, "id", *values, *links)[: size + 1])
        more = found[size - 1] if len(found) > size else None
        return Page([self._cells(row[2:]) for row in found[:size]], more and (more[0], more[1]))

    def pages(
        self, viewer: Viewer, timeframe: Timeframe, chosen: Chosen, size: int
    ) -> Iterator[Page]:
        """Every row, a page at a time: memory stays flat however many there are."""
        page = self.page(viewer, timeframe, chosen, size=size)
        yield page
        while page.next:
            page = self.page(viewer, timeframe, chosen, after=page.next, size=size)
            yield page

    def summary(
        self, viewer: Viewer, timeframe: Timeframe, chosen: Chosen | None = None
    ) -> tuple[list[Card], int]:
        """The cards with their values, and the number of rows chosen, in one query."""
        figures = [figure for card in self.cards for figure in (card.total, *card.parts)]
        wanted = {f"figure_{i}": figure.filters for i, figure in enumerate(figures)}
        counts = {
            name: Count("id", filter=self._passing(filters))
            for name, filters in (wanted | {"chosen": chosen or {}}).items()
        }
        values = self.rows(viewer, timeframe).aggregate(**counts)
        number_of_chosen: int = values.pop("chosen")
        counted = iter(values.values())
        return [
            Card(
                card.title,
                _with(card.total, next(counted)),
                tuple(_with(part, next(counted)) for part in card.parts),
            )
            for card in self.cards
        ], number_of_chosen

    def _following(self, at: datetime, id: UUID) -> Q:
        # The first condition is the one an index can use.
        older = Q(**{f"{self.at}__lt": at}) | Q(**{self.at: at}, id__lt=id)
        return Q(**{f"{self.at}__lte": at}) & older

    def _passing(self, chosen: Chosen) -> Q:
        filters = {each.code: each for each in self.filters}
        passing = Q(id__isnull=False)
        for code, option in chosen.items():
            passing &= filters[code].option(option).q
        return passing

    def _cells(self, row: Sequence[Any]) -> list[Cell]:
        links = iter(row[len(self.columns) :])
        return [
            Cell(value, column, next(links) if column.page_id is not None else None)
            for value, column in zip(row, self.columns, strict=False)
        ]


def _with(figure: Figure, value: int) -> Figure:
    return Figure(figure.label, figure.filters, value)
