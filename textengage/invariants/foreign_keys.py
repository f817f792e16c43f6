"""T1: child rows carry their parent's customer, for every foreign key the models have."""

from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import models

from textengage.invariants.finding import Invariant
from textengage.invariants.statements import Statement


class ForeignKey(NamedTuple):
    """A column that points from one customer's row to another of its rows."""

    child: str
    child_key: str
    column: str
    parent: str
    parent_key: str


def between_owned_rows() -> list[ForeignKey]:
    """Every foreign key whose two tables both have a customer, by introspection."""
    return sorted(_foreign_keys())


def _foreign_keys() -> Iterator[ForeignKey]:
    owned = [model for model in apps.get_models(include_auto_created=True) if _is_owned(model)]
    for model in owned:
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model in owned:
                yield ForeignKey(
                    model._meta.db_table,
                    str(model._meta.pk.column),
                    field.column,
                    field.related_model._meta.db_table,
                    str(field.target_field.column),
                )


def _is_owned(model: type[models.Model]) -> bool:
    return any(field.column == "customer_id" for field in model._meta.local_concrete_fields)


def invariant() -> Invariant:
    keys = between_owned_rows()
    pointing = " UNION ALL ".join(
        f"SELECT '{key.child}.{key.column} ' || c.{key.child_key} AS id,"  # noqa: S608
        f" c.customer_id IS DISTINCT FROM p.customer_id AS is_foreign"
        f" FROM {key.child} c JOIN {key.parent} p ON p.{key.parent_key} = c.{key.column}"
        for key in keys
    )
    return Invariant(
        "T1",
        "A row and every row it points to belong to the same customer.",
        Statement(
            f"WITH pointing AS ({pointing})",
            "SELECT count(*) FROM pointing",
            "SELECT id FROM pointing WHERE is_foreign",
        ),
    )
