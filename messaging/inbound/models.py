"""What providers sent us, as it came."""

from django.db import models
from django.db.models import Q

from accounts.models import Customer
from messaging.conversations.models import Message
from messaging.senders.models import ProviderAccount
from textengage.lib.clock import AppNow
from textengage.lib.scoping import OwnedManager


class InboundEvent(models.Model):
    """One verified inbound text as the provider posted it. Its unique key is kept for ever.

    Processed after the answer. One that fails five times is parked with its error and
    never blocks the next; an admin can retry it.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="+")
    event_key = models.CharField(max_length=64)
    body = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=AppNow())
    processed_at = models.DateTimeField(null=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    parked = models.BooleanField(default=False)

    objects = OwnedManager["InboundEvent"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["account", "event_key"], name="messaging_inboundevent_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["id"],
                condition=Q(processed_at__isnull=True, parked=False),
                name="messaging_inboundevent_open",
            ),
        )

    def __str__(self) -> str:
        return self.event_key
