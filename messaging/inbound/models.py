"""What providers sent us, as it came."""

from django.db import models
from django.db.models import Q

from accounts.models import Customer
from messaging.conversations.models import Message
from messaging.senders.models import ProviderAccount, Sender
from textengage.lib.clock import AppNow
from textengage.lib.scoping import OwnedManager


class InboundEvent(models.Model):
    """One verified inbound text as the provider posted it. Its unique key is kept for ever.

    Processed after the answer. One that fails five times is parked with its error and
    never blocks the next; an admin can retry it. ``recovered``: it came late, found in
    the provider's own list or retried.
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
    recovered = models.BooleanField(db_default=False)

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


class Listing(models.Model):
    """Up to when one number's inbound texts are known to be here, and when to look next.

    ``next_at`` is also the lease of whoever looks: it is moved before the provider is asked.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    sender = models.OneToOneField(Sender, on_delete=models.CASCADE, related_name="+")
    complete_until = models.DateTimeField()
    next_at = models.DateTimeField(db_index=True)
    failures = models.PositiveSmallIntegerField(db_default=0)

    objects = OwnedManager["Listing"]()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"complete until {self.complete_until:%Y-%m-%d %H:%M}"


class HooksBeat(models.Model):
    """When a web process last said that it takes callbacks. One row."""

    id = models.SmallIntegerField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
