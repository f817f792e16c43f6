"""What happened: the files people asked for. Reports themselves only read."""

from django.db import models

from accounts.models import Customer, StoredFile, User
from accounts.viewer import Viewer
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import owned_objects


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, viewer: Viewer) -> "ExportQuerySet":
        """What the viewer asked for, while they may read reports."""
        if not viewer.can("read_reports"):
            return self.none()
        return self.filter(customer=viewer.customer, requested_by=viewer.user)


class Export(models.Model):
    """One report made into a file, in the background."""

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
    file = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(db_default=AppNow())
    finished_at = models.DateTimeField(null=True)

    objects = owned_objects(ExportQuerySet)

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index(fields=["requested_by", "-requested_at"], name="reporting_export_mine"),
        )

    def __str__(self) -> str:
        return f"{self.report} ({self.status})"
