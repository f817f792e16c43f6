"""Every row belongs to a customer: in Python by django-scopes, in the database by keys.

An unscoped query raises. Those who work above customers name their exemption with
``across_customers()``: the pump, sign-in, hooks, the audit, platform staff.
"""

from typing import Any, TypeVar, cast

from django.db import migrations, models
from django_scopes import get_scope, scope, scopes_disabled
from django_scopes.manager import DisabledQuerySet

M = TypeVar("M", bound=models.Model)


class Refusing(DisabledQuerySet):
    """Raises ScopeError whatever it is asked, as a subquery too.

    The library's own answers ``exists``, and lets itself be used inside another query.
    """

    exists = contains = explain = exclude = aiterator = DisabledQuerySet.error
    _fetch_all = resolve_expression = DisabledQuerySet.error


class OwnedManager(models.Manager[M]):
    """A manager whose queries raise ScopeError unless a customer is in scope."""

    def get_queryset(self) -> models.QuerySet[M]:
        current = get_scope()
        if not current.get("_enabled", True):
            return super().get_queryset()
        if "customer" not in current:
            refusing = Refusing(self.model, using=self._db, missing_scopes=["customer"])
            return cast("models.QuerySet[M]", refusing)
        return super().get_queryset().filter(customer=current["customer"])


def within(customer: Any) -> Any:
    """Context: every query inside sees this customer's rows only."""
    return scope(customer=customer)


def across_customers() -> Any:
    """Context: queries inside see every customer. Say why where you call it."""
    return scopes_disabled()


def key_for_children(name: str) -> models.UniqueConstraint:
    """The (customer, id) key a parent needs so that children can point at both."""
    return models.UniqueConstraint(fields=["customer", "id"], name=name)


class CompositeForeignKey(migrations.RunSQL):
    """A child's (customer_id, parent_id) must exist together in the parent's table.

    Django cannot express such a key. Deferred to the commit, as Django's own are.
    """

    def __init__(self, child: str, column: str, parent: str) -> None:
        name = f"{child}_{column}_same_customer"
        super().__init__(
            f'ALTER TABLE {child} ADD CONSTRAINT "{name}"'
            f" FOREIGN KEY (customer_id, {column}) REFERENCES {parent} (customer_id, id)"
            " DEFERRABLE INITIALLY DEFERRED",
            f'ALTER TABLE {child} DROP CONSTRAINT "{name}"',
        )
        self.parts = (child, column, parent)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, list(self.parts), {})


REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed text[] := coalesce(TG_ARGV, '{}');
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - allowed = to_jsonb(NEW) - allowed
       AND cardinality(allowed) > 0 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""
REFUSE_CHANGE_REVERSE = "DROP FUNCTION refuse_change();"


class AppendOnly(migrations.RunSQL):
    """A table whose rows can be neither changed nor removed, but for the columns named."""

    def __init__(self, table: str, except_for: tuple[str, ...] = ()) -> None:
        allowed = ", ".join(f"'{column}'" for column in except_for)
        super().__init__(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_change({allowed})",
            f"DROP TRIGGER append_only ON {table}",
        )
        self.parts = (table, except_for)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, list(self.parts), {})
