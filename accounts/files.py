"""Files made for people: where they lie, who may open them."""

from pathlib import Path

from django.conf import settings
from django.db import models

from accounts.models import StoredFile
from accounts.viewer import Viewer


def path_of(file: StoredFile) -> Path:
    """The place of a file's bytes: ids only, so no name from outside reaches the disk."""
    return Path(settings.MEDIA_ROOT) / str(file.customer_id) / str(file.id)


def visible_to(viewer: Viewer) -> models.QuerySet[StoredFile]:
    """A file is its owner's alone, and only within the customer."""
    return StoredFile.objects.filter(customer=viewer.customer, owner=viewer.user)
