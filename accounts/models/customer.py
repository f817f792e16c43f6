from django.contrib.postgres.fields import ArrayField
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.roles import POWERS
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id

PRODUCTS = {
    "sms": "SMS",
    "mms": "MMS",
    "whatsapp": "WhatsApp",
    "messenger": "Messenger",
    "wechat": "WeChat",
    "short_codes": "Short codes",
    "assistant": "Digital Assistant",
    "cxm": "CXM",
    "ats": "ATS link",
    "team_optout": "Team opt-out",
    "api": "API",
}


class Customer(models.Model):
    """An organization that uses the product. Every other row belongs to one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    is_active = models.BooleanField(default=True)
    products = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    number_of_seats = models.PositiveIntegerField(default=0)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    default_country = models.CharField(max_length=2, default="US")
    optout_text = models.CharField(max_length=300, blank=True)
    optin_text = models.CharField(max_length=300, blank=True)
    help_text = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)

    class Meta:
        default_permissions = ()
        permissions = POWERS

    def __str__(self) -> str:
        return self.name

    def owns(self, product: str) -> bool:
        """Whether the contract includes a product (PRODUCT section 2)."""
        return product in self.products


class CustomerUserPermission(UserObjectPermissionBase):
    """Guardian's row for one user: team supervision and staff support come here."""

    content_object = models.ForeignKey(Customer, on_delete=models.CASCADE)


class CustomerGroupPermission(GroupObjectPermissionBase):
    """Guardian's row for a role's group. Written by `roles sync` alone."""

    content_object = models.ForeignKey(Customer, on_delete=models.CASCADE)
