from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models.customer import Customer
from accounts.models.user import User
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager, key_for_children


class Seat(models.Model):
    """A place that may send. It keeps its number when another person takes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()

    objects = OwnedManager["Seat"]()

    class Meta:
        ordering = ("position",)
        constraints = (
            key_for_children("accounts_seat_key"),
            models.UniqueConstraint(fields=["customer", "position"], name="accounts_seat_position"),
        )

    def __str__(self) -> str:
        return f"Seat {self.position}"


class LicenseQuerySet(models.QuerySet["License"]):
    def valid(self, at: datetime | None = None) -> "LicenseQuerySet":
        """Licenses in force at an instant (now, by the database's clock)."""
        moment = at or AppNow()
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=moment), valid_from__lte=moment
        )


class License(models.Model):
    """One person holding one seat for a time; ``valid_to`` is exclusive, in UTC.

    Handing a seat over ends one row and begins another, so that any text can be shown
    to have gone out under a license that was valid at that moment (invariant T4).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="licenses")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="licenses")
    valid_from = models.DateTimeField(db_default=AppNow())
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = OwnedManager.from_queryset(LicenseQuerySet)()

    class Meta:
        constraints = (
            key_for_children("accounts_license_key"),
            models.UniqueConstraint(
                fields=["seat"], condition=Q(valid_to__isnull=True), name="accounts_seat_one_holder"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(valid_to__isnull=True), name="accounts_user_one_seat"
            ),
        )
        indexes = (models.Index(fields=["user", "valid_from"], name="accounts_license_user"),)

    def __str__(self) -> str:
        return f"{self.user} on {self.seat}"
