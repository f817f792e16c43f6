"""Somebody looking at one customer: the only thing surfaces ask about rights."""

from dataclasses import dataclass
from functools import cached_property

from accounts import roles
from accounts.models import (
    Customer,
    CustomerGroupPermission,
    CustomerUserPermission,
    License,
    Seat,
    User,
)


@dataclass(frozen=True)
class Viewer:
    """A signed-in user and the customer they look at, with powers read once."""

    user: User
    customer: Customer

    def can(self, power: str) -> bool:
        """Whether the viewer holds a power of `roles.POWERS`. Raises KeyError for no power."""
        if power not in dict(roles.POWERS):
            raise KeyError(power)
        return power in self.powers

    @cached_property
    def powers(self) -> frozenset[str]:
        """Every power held on this customer, from guardian's rows, in one query."""
        if self.user.is_superuser:
            return frozenset(dict(roles.POWERS))
        groups = CustomerGroupPermission.objects.filter(
            content_object=self.customer, group__user=self.user
        ).values_list("permission__codename", flat=True)
        own = CustomerUserPermission.objects.filter(
            content_object=self.customer, user=self.user
        ).values_list("permission__codename", flat=True)
        return frozenset(groups.union(own))

    @cached_property
    def seat(self) -> Seat | None:
        """The seat the viewer holds now, or None. No role can send without one."""
        held = License.objects.filter(user=self.user).valid().select_related("seat").first()
        return held.seat if held else None

    @property
    def is_licensed(self) -> bool:
        return self.seat is not None
