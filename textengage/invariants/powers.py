"""G1: the guardian rows are what the roles say, and nothing else."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Group

from accounts import people, roles
from accounts.models import CustomerGroupPermission, CustomerUserPermission, User
from textengage.invariants.finding import Finding, Invariant

Power = tuple[str, str]
"""(customer id, power)"""


def look(_now: datetime) -> Finding:
    groups = _powers_of_groups()
    wrong = [f"group {name}" for name, held in groups.items() if held != _implied_by(name)]
    memberships = _memberships()
    users = list(User.objects.order_by("id"))
    wrong += [
        f"user {user.id}" for user in users if memberships[user.id] != _groups_implied_by(user)
    ]
    direct = CustomerUserPermission.objects.values_list("user_id", flat=True).distinct()
    # Nothing gives a power to one person yet: supervision and support will name theirs here.
    wrong += [f"power of user {user_id}" for user_id in direct]
    return Finding.of(len(groups) + len(users), wrong)


def _powers_of_groups() -> dict[str, set[Power]]:
    """What each group really holds, the groups of roles and any other that holds a power."""
    held: dict[str, set[Power]] = {
        name: set() for name in Group.objects.values_list("name", flat=True) if ":" in name
    }
    rows = CustomerGroupPermission.objects.values_list(
        "group__name", "content_object_id", "permission__codename"
    )
    for name, customer_id, power in rows:
        held.setdefault(name, set()).add((str(customer_id), power))
    return held


def _implied_by(name: str) -> set[Power]:
    customer_id, _, role = name.partition(":")
    if role not in roles.ROLES:
        return set()
    return {(customer_id, power) for power in roles.powers_of(role)}


def _memberships() -> dict[UUID, set[str]]:
    """The groups of roles that each person is in."""
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = Group.objects.filter(name__contains=":", user__isnull=False)
    for user_id, name in rows.values_list("user", "name"):
        found[user_id].add(name)
    return found


def _groups_implied_by(user: User) -> set[str]:
    # A role nobody knows implies nothing; T3 reports it.
    if user.customer_id is None or not user.is_active or user.role not in roles.ROLES:
        return set()
    return {people.group_name(user.customer_id, user.role)}


def invariant() -> Invariant:
    return Invariant("G1", "Guardian rows are exactly what the people's roles say.", look)
