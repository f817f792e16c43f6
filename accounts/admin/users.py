"""People: the role matrix is the verbs' (`accounts.people`), this page only asks."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.tokens import default_token_generator
from django.db import models
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import licenses, people, roles
from accounts.admin.base import OwnedAdmin, is_staff
from accounts.admin.forms import Form
from accounts.admin.licenses import give_each
from accounts.models import License, User
from textengage.lib.refusal import Refused


class UserForm(Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            now = self.instance.role
            field: Any = self.fields["role"]
            field.choices = [
                (role, roles.LABELS[role])
                for role in roles.ROLES
                if self.by.is_superuser or roles.may_set(actor=self.by.role, target=now, new=role)
            ]

    def clean_email(self) -> str:
        """One sentence, whoever has the address already: here, elsewhere, or staff."""
        email: str = self.cleaned_data["email"].strip().lower()
        if people.is_taken(email, by_other_than=self.instance):
            raise forms.ValidationError(people.ADDRESS_REFUSED)
        return email


@admin.register(User)
class UserAdmin(OwnedAdmin):
    menu = "People"
    order = 1
    power = "manage_people"
    form = UserForm
    words = {"email": "E-mail", "is_active": "Active", "created_at": "Added"}
    list_display = ("name", "email", "role", "team", "license", "is_active")
    list_display_links = ("name",)
    list_filter = ("role", "is_active")
    list_select_related = ("customer", "team")
    search_fields = ("first_name", "last_name", "email")
    ordering = ("first_name", "last_name")
    actions = ("give_license", "take_license", "new_link")

    def menu_note(self, request: Any) -> str:
        return str(self.get_queryset(request).active().count())

    def get_queryset(self, request: Any) -> Any:
        """People of customers; platform staff are made on the server, not here."""
        held = License.objects.valid().select_related("seat")
        rows = super().get_queryset(request).filter(customer__isnull=False)
        return rows.prefetch_related(Prefetch("licenses", held, to_attr="held"))

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or people.may_edit(request.user, obj))

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        staff = ["customer"] if is_staff(request) else []
        if obj is None:
            return [*staff, *people.DETAILS, "role"]
        return [*staff, *people.DETAILS, "role", "is_active", "license", "created_at"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[Any]:
        if obj is None:
            return []
        own = ["role", "is_active"] if obj.pk == request.user.pk else []
        return ["customer", "license", "created_at", *own]

    @admin.display(empty_value="none")
    def license(self, user: Any) -> Any:
        return user.held[0].seat if user.held else None

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            self._change(User.objects.get(pk=obj.pk), form, by=request.user)
            return
        details = {name: form.cleaned_data[name] for name in (*people.DETAILS, "role")}
        made = people.add(obj.customer, by=request.user, **details)
        obj.pk = made.pk
        self._show_link(request, made)

    def _change(self, user: User, form: Any, *, by: User) -> None:
        """Each thing that changed, by its own verb, on the row as it is stored."""
        details = {
            name: form.cleaned_data[name] for name in people.DETAILS if name in form.changed_data
        }
        if details:
            people.set_details(user, by=by, **details)
        if "role" in form.changed_data:
            people.set_role(user, form.cleaned_data["role"], by=by)
        if "is_active" in form.changed_data:
            change = people.reactivate if form.cleaned_data["is_active"] else people.deactivate
            change(user, by=by)

    def _show_link(self, request: Any, user: User) -> None:
        """Once, on the next page: the link is good for one password and for three days."""
        text = f"Give {user.first_name} this link to choose a password. It is shown once: "
        self.message_user(request, text + password_link(user), messages.WARNING)

    @admin.action(description="Give a license", permissions=["change"])
    def give_license(self, request: Any, queryset: models.QuerySet[Any]) -> None:
        refusals = give_each(request, queryset)
        for sentence in dict.fromkeys(refusals):
            self.message_user(request, sentence, messages.ERROR)
        done = queryset.count() - len(refusals)
        if done:
            self.message_user(request, f"Licenses given: {done}.", messages.SUCCESS)

    @admin.action(description="Take back the license", permissions=["change"])
    def take_license(self, request: Any, queryset: models.QuerySet[Any]) -> None:
        for user in queryset:
            licenses.end(user, by=request.user)
        self.message_user(request, "The licenses were taken back.", messages.SUCCESS)

    @admin.action(description="New link to choose a first password", permissions=["change"])
    def new_link(self, request: Any, queryset: models.QuerySet[Any]) -> None:
        """Only before the first password: nobody can take over somebody's account."""
        for user in queryset:
            try:
                people.record_invitation(user, by=request.user)
                self._show_link(request, user)
            except Refused as refused:
                self.message_user(request, refused.sentence, messages.ERROR)


def password_link(user: User) -> str:
    """Where somebody chooses a password, under the public address."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    address = reverse("set-password", kwargs={"uidb64": key, "token": token})
    return f"{settings.PUBLIC_URL}{address}"
