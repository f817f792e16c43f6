"""What happened: the files people asked for. Reports themselves only read."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from accounts.models import Customer, StoredFile, User
from accounts.viewer import Viewer
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager

MOST_RUNS = 3
"""A file whose making broke off this often, without an error, is given up."""


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, viewer: Viewer) -> "ExportQuerySet":
        """What the viewer asked for, while they may read reports."""
        if not viewer.can("read_reports"):
            return self.none()
        return self.filter(customer=viewer.customer, requested_by=viewer.user)

    def ready(self) -> "ExportQuerySet":
        """Those whose file can be downloaded now."""
        return self.filter(
            Q(file__expires_at__isnull=True) | Q(file__expires_at__gt=AppNow()),
            status=Export.READY,
            file__isnull=False,
        )

    def unattended(self) -> "ExportQuerySet":
        """Those that still have to be made and that nobody is making."""
        return self.filter(
            Q(leased_until__isnull=True) | Q(leased_until__lt=AppNow()), status=Export.PENDING
        )

    def doable(self) -> "ExportQuerySet":
        return self.filter(number_of_runs__lt=MOST_RUNS)

    def oldest_first(self) -> "ExportQuerySet":
        return self.order_by(F("requested_at").asc(), "id")


class Export(models.Model):
    """One report made into a file, in the background.

    Whoever makes it takes a lease under a fresh ``run``, which is also the id of the file:
    a second delivery finds the lease, a maker that was too slow finds another run.
    """

    PENDING, READY, FAILED = "pending", "ready", "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    requested_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    report = models.CharField(max_length=40)
    format = models.CharField(max_length=5, default="csv")
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    filters = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default=PENDING)
    percent = models.PositiveSmallIntegerField(default=0)
    number_of_rows = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    run = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    number_of_runs = models.PositiveSmallIntegerField(default=0)
    file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(db_default=AppNow())
    finished_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(ExportQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                name="reporting_export_status",
                condition=Q(status__in=("pending", "ready", "failed")),
            ),
        )
        indexes = (
            # File Downloads, newest first.
            models.Index(fields=["requested_by", "-requested_at"], name="reporting_export_mine"),
            # The sweep looks for what nobody makes.
            models.Index(
                fields=["requested_at"],
                condition=Q(status="pending"),
                name="reporting_export_pending",
            ),
        )

    def __str__(self) -> str:
        return f"{self.report} ({self.status})"

    def word_at(self, now: datetime) -> str:
        """The status as File Downloads shows it. Reads ``file``."""
        if self.status != self.READY:
            return "Pending" if self.status == self.PENDING else "Failed"
        until = self.file.expires_at if self.file else now
        return "Ready" if until is None or until > now else "Expired"
