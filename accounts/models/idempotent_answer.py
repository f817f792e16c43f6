from django.db import models

from accounts.models.customer import Customer
from accounts.models.user import User
from textengage.lib.clock import AppNow
from textengage.lib.scoping import OwnedManager


class IdempotentAnswer(models.Model):
    """What an API call answered, kept 24 h so that its repetition does nothing again.

    Written in the transaction of the work it protects, so both are there or neither is.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=AppNow())

    objects = OwnedManager["IdempotentAnswer"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "user", "key"], name="accounts_answer_once"
            ),
        )

    def __str__(self) -> str:
        return self.key
