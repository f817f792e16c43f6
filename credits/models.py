"""How much: countries and their tiers, grants, and the ledger of monthly contacts."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q

from accounts.models import Customer
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager, key_for_children


class Tier(models.Model):
    """A pricing tier of countries. Staff edit it; nothing in the code names a tier."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    label = models.CharField(max_length=60)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return self.label


class CountryQuerySet(models.QuerySet["Country"]):
    def served(self, on: date) -> "CountryQuerySet":
        """Countries with local numbers and two-way SMS on a day."""
        return self.filter(
            Q(holds_to__isnull=True) | Q(holds_to__gt=on),
            has_local_numbers=True,
            holds_from__lte=on,
        )


class Country(models.Model):
    """What holds for one country from one day on: tiers change when contracts renew."""

    code = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2, such as US")
    name = models.CharField(max_length=80)
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT)
    has_local_numbers = models.BooleanField(default=True)
    needs_documents = models.BooleanField(default=False)
    holds_from = models.DateField()
    holds_to = models.DateField(null=True, blank=True, help_text="First day it no longer holds")
    source = models.CharField(max_length=200)

    objects = CountryQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "countries"
        constraints = (
            models.UniqueConstraint(fields=["code", "holds_from"], name="credits_country_from"),
        )

    def __str__(self) -> str:
        return self.name


class GrantQuerySet(models.QuerySet["Grant"]):
    def open(self, at: datetime | AppNow | None = None) -> "GrantQuerySet":
        """Grants that can be used at an instant, the earliest to expire first."""
        moment = at or AppNow()
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=moment), opens_at__lte=moment
        ).order_by(F("expires_at").asc(nulls_last=True), "opens_at", "id")


class Grant(models.Model):
    """Monthly contacts given to a customer; ``remaining`` of ``amount`` are unused."""

    PLAN, PURCHASE, ADJUSTMENT = "plan", "purchase", "adjustment"
    KINDS = ((PLAN, "Monthly plan"), (PURCHASE, "Purchase"), (ADJUSTMENT, "Adjustment"))

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS, default=PURCHASE)
    amount = models.PositiveIntegerField()
    remaining = models.IntegerField(editable=False)
    opens_at = models.DateTimeField(db_default=AppNow())
    expires_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = OwnedManager.from_queryset(GrantQuerySet)()

    class Meta:
        constraints = (
            key_for_children("credits_grant_key"),
            models.CheckConstraint(
                # A give-back may lift another grant above its amount, never below zero.
                name="credits_grant_not_negative",
                condition=Q(remaining__gte=0),
            ),
        )
        indexes = (models.Index(fields=["customer", "expires_at"], name="credits_grant_open"),)

    def __str__(self) -> str:
        return f"{self.amount} contacts ({self.get_kind_display()})"


class Balance(models.Model):
    """The sum of a customer's ledger, locked by whoever charges. Never below zero."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    balance = models.IntegerField(default=0)

    objects = OwnedManager["Balance"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                name="credits_balance_not_negative", condition=Q(balance__gte=0)
            ),
        )

    def __str__(self) -> str:
        return f"{self.balance} contacts"


class ContactWindow(models.Model):
    """When a person was last texted, and the row everybody locks to speak for that person.

    The person is a ``contact_key``, a plain uuid: the ledger outlives the candidate.
    ``previous_at`` is the instant before ``message_id``, put back if that text never left.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    contact_key = models.UUIDField()
    last_at = models.DateTimeField(null=True)
    previous_at = models.DateTimeField(null=True)
    message_id = models.UUIDField(null=True)

    objects = OwnedManager["ContactWindow"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "contact_key"], name="credits_window_person"
            ),
        )

    def __str__(self) -> str:
        return str(self.contact_key)


class LedgerEntry(models.Model):
    """One movement of contacts. Append-only: a trigger refuses change and removal.

    kinds: ``grant`` and ``expiry`` (a grant begins or ends), ``charge`` (-1, a text to a
    person outside the 45 days), ``refund`` (+1, reverses one charge), ``carry`` (0, after a
    merge: stands for a text at ``carried_at``).
    """

    GRANT, EXPIRY, CHARGE, REFUND, CARRY = "grant", "expiry", "charge", "refund", "carry"
    KINDS = (GRANT, EXPIRY, CHARGE, REFUND, CARRY)

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    at = models.DateTimeField(db_default=AppNow())
    kind = models.CharField(max_length=10)
    delta = models.IntegerField()
    grant = models.ForeignKey(
        Grant, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    contact_key = models.UUIDField(null=True)
    message_id = models.UUIDField(null=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    carried_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=120)
    actor_id = models.UUIDField(null=True)

    objects = OwnedManager["LedgerEntry"]()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "ledger entries"
        constraints = (
            key_for_children("credits_ledger_key"),
            models.CheckConstraint(
                name="credits_ledger_sign",
                condition=Q(kind="charge", delta=-1, message_id__isnull=False)
                | Q(kind="refund", delta=1, reverses__isnull=False)
                | Q(kind="carry", delta=0, carried_at__isnull=False)
                | Q(kind="grant", delta__gt=0, grant__isnull=False)
                | Q(kind="expiry", delta__lte=0, grant__isnull=False),
            ),
        )
        indexes = (
            # The ledger page, newest first; replay reads it forwards.
            models.Index(fields=["customer", "id"], name="credits_ledger_customer"),
            # Giving back looks for the live charge of a message.
            models.Index(
                fields=["message_id"], condition=Q(kind="charge"), name="credits_ledger_charge"
            ),
            models.Index(fields=["contact_key"], name="credits_ledger_person"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.delta:+d}"
