"""What texts are sent from: provider accounts and the numbers they hold."""

from django.db import models
from django.db.models import Q

from accounts import secrets
from accounts.models import Customer, Seat, Team
from messaging.channels import phone
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager, key_for_children


class ProviderAccount(models.Model):
    """One customer's account at a provider, never shared. Its id is in callback addresses.

    Two tokens: during a rotation either one verifies, the first one signs.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=20, default="twilio")
    name = models.CharField(max_length=80)
    account_sid = models.CharField(max_length=64)
    sealed_token = models.CharField(max_length=400, editable=False)
    sealed_next_token = models.CharField(max_length=400, blank=True, editable=False)
    concurrency = models.PositiveIntegerField(
        default=100, help_text="Requests in flight at once (about 100 at Twilio)"
    )
    paused_reason = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)

    objects = OwnedManager["ProviderAccount"]()

    class Meta:
        default_permissions = ()
        constraints = (
            key_for_children("messaging_provideraccount_key"),
            models.UniqueConstraint(
                fields=["provider", "account_sid"], name="messaging_provideraccount_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def set_token(self, token: str) -> None:
        """Seal a new auth token for this row. Does not save."""
        self.sealed_token = secrets.seal(token, customer_id=self.customer_id, row_id=self.id)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The auth tokens that are good now. Raises secrets.Unreadable."""
        sealed = (self.sealed_token, self.sealed_next_token)
        return tuple(
            secrets.unseal(each, customer_id=self.customer_id, row_id=self.id)
            for each in sealed
            if each
        )


class SenderQuerySet(models.QuerySet["Sender"]):
    def usable(self) -> "SenderQuerySet":
        """Senders that may send now."""
        return self.filter(state=Sender.ACTIVE, account__paused_reason="")


class Sender(models.Model):
    """A number, a WhatsApp sender, a page: what a person sees as the other end.

    It belongs to a seat (one recruiter's own) or is shared by a team or the company.
    """

    ACTIVE, PENDING, PAUSED, RELEASED = "active", "pending", "paused", "released"
    STATES = ((ACTIVE, "Active"), (PENDING, "Being set up"), (PAUSED, "Paused"))

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="senders")
    channel = models.CharField(max_length=20, default="sms")
    address = models.CharField(max_length=120, help_text="E.164, such as +15105550101")
    country = models.CharField(max_length=2, default="US")
    number_type = models.CharField(
        max_length=20,
        default="local",
        choices=[("local", "Local"), ("toll_free", "Toll-free"), ("short_code", "Short code")],
    )
    seat = models.ForeignKey(
        Seat, on_delete=models.SET_NULL, null=True, blank=True, related_name="senders"
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=STATES, default=ACTIVE)
    segments_per_second = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)

    objects = OwnedManager.from_queryset(SenderQuerySet)()

    class Meta:
        default_permissions = ()
        verbose_name = "number"
        constraints = (
            key_for_children("messaging_sender_key"),
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=~Q(state="released"),
                name="messaging_sender_one_owner",
            ),
        )

    def __str__(self) -> str:
        return phone.shown(self.address) if self.channel == "sms" else self.address

    @property
    def is_usable(self) -> bool:
        """Whether it may send now, as `SenderQuerySet.usable` asks it of many."""
        return self.state == Sender.ACTIVE and not self.account.paused_reason


class Pace(models.Model):
    """When a sender may send its next segment. Written with every claim, so kept apart.

    Who claims for a sender holds this row; others take other senders meanwhile.
    """

    sender = models.OneToOneField(
        Sender, on_delete=models.CASCADE, primary_key=True, related_name="pace", db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    free_at = models.DateTimeField()

    objects = OwnedManager["Pace"]()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"free at {self.free_at:%H:%M:%S}"
