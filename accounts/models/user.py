from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from accounts.models.customer import Customer
from accounts.models.team import Team
from accounts.roles import LABELS, ROLES, USER
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id


class UserQuerySet(models.QuerySet["User"]):
    def of(self, customer: Customer) -> "UserQuerySet":
        """The people of one customer. Users are not scoped: sign-in comes first."""
        return self.filter(customer=customer)

    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> "User":
        """E-mail addresses are one whatever their case."""
        found: User = self.get(email__iexact=username)
        return found

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """Platform staff: they belong to no customer."""
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in, or a service that holds API tokens (``is_service``)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    role = models.CharField(
        max_length=20, choices=[(role, LABELS[role]) for role in ROLES], default=USER
    )
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)
    theme = models.CharField(
        max_length=6,
        choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")],
        default="system",
    )
    undo_seconds = models.PositiveSmallIntegerField(default=5, choices=[(0, 0), (5, 5), (10, 10)])
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["customer", "id"], name="accounts_user_key"),
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case"),
            models.CheckConstraint(
                name="accounts_user_has_customer",
                condition=models.Q(is_superuser=True) | models.Q(customer__isnull=False),
            ),
            models.CheckConstraint(
                name="accounts_user_known_role", condition=models.Q(role__in=ROLES)
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_staff(self) -> bool:
        """Django's word for platform staff. Managers enter the admin by a power."""
        return self.is_superuser
