"""What texts are sent from: provider accounts and the numbers they hold."""

from datetime import datetime

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

    Two tokens: during a rotation either one verifies, the first one signs. It is paused while
    there is a ``paused_reason`` and until ``paused_until``, which is empty if a person has to
    resume it.
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
    paused_until = models.DateTimeField(null=True, blank=True)
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

    def is_paused(self, at: datetime) -> bool:
        """Whether its texts wait at an instant."""
        return _is_paused(self.paused_reason, self.paused_until, at)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The auth tokens that are good now. Raises secrets.Unreadable."""
        sealed = (self.sealed_token, self.sealed_next_token)
        return tuple(
            secrets.unseal(each, customer_id=self.customer_id, row_id=self.id)
            for each in sealed
            if each
        )


def _is_paused(reason: str, until: datetime | None, at: datetime) -> bool:
    return bool(reason) and (until is None or until > at)


class SenderQuerySet(models.QuerySet["Sender"]):
    def usable(self) -> "SenderQuerySet":
        """Senders that may send now."""
        return self.filter(
            Q(pause_reason="") | Q(paused_until__lte=AppNow()),
            Q(account__paused_reason="") | Q(account__paused_until__lte=AppNow()),
            state=Sender.ACTIVE,
        )


class Sender(models.Model):
    """A number, a WhatsApp sender, a page: what a person sees as the other end.

    It belongs to a seat (one recruiter's own) or is shared by a team or the company. A carrier
    pauses it with a ``pause_reason``, until ``paused_until`` or, if that is empty, until a
    person resumes it; the state *paused* is a person's own.
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
    pause_reason = models.CharField(
        max_length=120, blank=True, default="", db_default="", editable=False
    )
    paused_until = models.DateTimeField(null=True, editable=False)
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

    def is_paused(self, at: datetime) -> bool:
        """Whether its texts wait at an instant, for a person, a carrier or its account."""
        return (
            self.state == Sender.PAUSED
            or _is_paused(self.pause_reason, self.paused_until, at)
            or self.account.is_paused(at)
        )

    def is_usable(self, at: datetime) -> bool:
        """Whether it may send, as `SenderQuerySet.usable` asks it of many."""
        return self.state == Sender.ACTIVE and not self.is_paused(at)

    def wait(self, at: datetime) -> tuple[str, datetime | None]:
        """Why its texts wait at an instant and until when, if anybody can say: the longest."""
        if self.account.is_paused(at):
            return self.account.paused_reason, self.account.paused_until
        if _is_paused(self.pause_reason, self.paused_until, at):
            return self.pause_reason, self.paused_until
        return "the number is paused", None


class CountryPause(models.Model):
    """Texts of one account to one country wait, because the provider takes none there.

    ``country`` is the region of the candidate's address (ISO 3166-1 alpha-2). ``until`` is
    empty if a person has to resume it.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    account = models.ForeignKey(
        ProviderAccount,
        on_delete=models.CASCADE,
        related_name="country_pauses",
        db_index=False,
        db_constraint=False,
    )
    channel = models.CharField(max_length=20)
    country = models.CharField(max_length=2)
    reason = models.CharField(max_length=120)
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=AppNow())

    objects = OwnedManager["CountryPause"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["account", "channel", "country"], name="messaging_countrypause_once"
            ),
        )

    def __str__(self) -> str:
        return f"no {self.channel} to {self.country}"


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
