"""Names of the people behind ids in records, in the record's own query."""

from typing import Any

from django.db import models
from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat

from accounts.models import User


def named(rows: models.QuerySet[Any], reader: User) -> Any:
    """Rows with an ``actor_id``, each with ``actor_name`` as the reader may know it.

    Customers read "TextEngage staff" for platform staff, and nobody's work is "TextEngage".
    """
    full = Concat("first_name", Value(" "), "last_name")
    staff = full if reader.is_superuser else Value("TextEngage staff")
    known_as = Case(When(is_superuser=True, then=staff), default=full)
    actor = User.objects.filter(id=OuterRef("actor_id")).annotate(known_as=known_as)
    name = Subquery(actor.values("known_as")[:1])
    return rows.annotate(actor_name=Coalesce(name, Value("TextEngage")))
