from django.db import models

from accounts.models.customer import Customer
from accounts.models.user import User
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager, key_for_children


class StoredFile(models.Model):
    """A file the product made for somebody. Purge deletes it without knowing who made it.

    The bytes lie under ``MEDIA_ROOT/<customer>/<id>``, never under a name from outside.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)
    expires_at = models.DateTimeField(null=True)

    objects = OwnedManager["StoredFile"]()

    class Meta:
        constraints = (key_for_children("accounts_storedfile_key"),)

    def __str__(self) -> str:
        return self.name
