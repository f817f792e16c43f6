"""Where a page of rows ended: an instant and an id, so that no row is skipped or repeated."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row shown; the next page begins right after it, newest first."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id.hex}"

    def after(self, column: str) -> Q:
        """Older rows. The first condition is the one an index can use."""
        same = Q(**{column: self.at}, id__lt=self.id)
        return Q(**{f"{column}__lte": self.at}) & (Q(**{f"{column}__lt": self.at}) | same)


def read(text: str) -> Cursor:
    """The cursor written in an address. Raises ValueError for anything else."""
    microseconds, _, id = text.partition("-")
    try:
        at = EPOCH + timedelta(microseconds=int(microseconds))
    except OverflowError as error:
        raise ValueError("no such instant") from error
    return Cursor(at, UUID(id))
