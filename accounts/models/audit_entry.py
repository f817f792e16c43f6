from django.db import models

from accounts.models.customer import Customer
from textengage.lib.clock import AppNow
from textengage.lib.scoping import OwnedManager


class AuditEntry(models.Model):
    """One thing somebody did. Append-only (a trigger holds it), and outlives its object.

    It holds ids and words, never a person's name, number or text (invariant P2). A minute
    task seals committed rows into a chain per customer, in ``link`` order (invariant A1).
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    at = models.DateTimeField(db_default=AppNow(), editable=False)
    actor_id = models.UUIDField(null=True, editable=False)
    action = models.CharField(max_length=60, editable=False)
    object_type = models.CharField(max_length=40, blank=True, editable=False)
    object_id = models.UUIDField(null=True, editable=False)
    detail = models.JSONField(default=dict, editable=False)
    link = models.BigIntegerField(null=True, editable=False)
    previous_hash = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = OwnedManager["AuditEntry"]()

    class Meta:
        default_permissions = ()
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "link"], name="accounts_audit_link", nulls_distinct=True
            ),
        )
        indexes = (
            # The sealing task looks for what is not sealed yet.
            models.Index(
                fields=["id"], condition=models.Q(link__isnull=True), name="accounts_audit_unsealed"
            ),
            models.Index(fields=["customer", "object_id"], name="accounts_audit_object"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}".strip()
