"""Who can help: names for the sentences of checks."""

from uuid import UUID

from accounts.models import User
from accounts.roles import CUSTOMER_ADMIN, MANAGER


def helper_of(customer_id: UUID) -> str:
    """The first name of somebody who manages people and numbers at a customer."""
    managers = User.objects.active().filter(
        customer_id=customer_id, role__in=(MANAGER, CUSTOMER_ADMIN), is_service=False
    )
    first = managers.order_by("role", "created_at").values_list("first_name", flat=True).last()
    return first or "Your administrator"
