"""Who can help: names for the sentences of checks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.models import User
from accounts.roles import CUSTOMER_ADMIN, MANAGER


def helpers_of(customer_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """First names of who manages people and numbers at each customer, in one query."""
    managers = User.objects.active().filter(
        customer_id__in=set(customer_ids), role__in=(MANAGER, CUSTOMER_ADMIN), is_service=False
    )
    # The last row of each customer stays: a manager rather than an admin.
    rows = managers.order_by("role", "created_at").values_list("customer_id", "first_name")
    return defaultdict(lambda: "Your administrator", rows)


def helper_of(customer_id: UUID) -> str:
    """The first name of somebody who manages people and numbers at a customer."""
    return helpers_of([customer_id])[customer_id]
