from django.db import models

from textengage.lib.clock import AppNow


class Tick(models.Model):
    """One slot of the timetable, done once however many beats call (invariant B1)."""

    id = models.BigAutoField(primary_key=True)
    job = models.CharField(max_length=60)
    slot = models.DateTimeField()
    at = models.DateTimeField(db_default=AppNow())

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["job", "slot"], name="accounts_tick_once"),)

    def __str__(self) -> str:
        return f"{self.job} {self.slot:%Y-%m-%d %H:%M}"


class Fingerprint(models.Model):
    """A digest of a secret that must never change silently, such as the opt-out pepper."""

    name = models.CharField(max_length=40, primary_key=True)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
