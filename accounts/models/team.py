from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.customer import Customer
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager, key_for_children


class Team(models.Model):
    """A node in a customer's tree of teams. ``path`` runs from the root to itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    name = models.CharField(max_length=120)
    path = ArrayField(models.UUIDField(), default=list, editable=False)

    objects = OwnedManager["Team"]()

    class Meta:
        constraints = (
            key_for_children("accounts_team_key"),
            models.UniqueConstraint(
                fields=["customer", "parent", "name"],
                name="accounts_team_name",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return self.name
