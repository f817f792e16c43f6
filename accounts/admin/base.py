"""What every admin of ours shares: one customer's rows, no raw deleting, an audit row.

A Manager or Customer Admin works inside their customer; platform staff (superusers) above
all of them, under the exemption that the admin site names.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts import audit
from accounts.admin import actors
from accounts.admin.forms import Form
from accounts.models import AuditEntry, Customer
from textengage.lib.refusal import Refused

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[Any]
else:
    StockAdmin = admin.ModelAdmin

LOOKUPS: Final = ("", "exact", "id__exact", "isnull")
HISTORY_LENGTH: Final = 200


def is_staff(request: Any) -> bool:
    """Whether platform staff ask."""
    return bool(request.user.is_superuser)


def column(model: Any, name: str, word: str) -> Any:
    """A column of a list under a word of ours."""
    field = model._meta.get_field(name)

    @admin.display(
        description=word, ordering=name, boolean=field.get_internal_type() == "BooleanField"
    )
    def shown(row: Any) -> Any:
        said = getattr(row, f"get_{name}_display", None)
        return said() if said else getattr(row, name)

    return shown


def may(request: Any, power: str) -> bool:
    """Whether somebody inside the admin holds a power; platform staff hold all."""
    return is_staff(request) or bool(request.viewer.can(power))


class BaseAdmin(StockAdmin):
    """One entry of the admin's menu. ``fields`` are always named, nothing is deleted.

    ``words`` are our names for columns whose own are the database's.
    """

    form = Form
    menu: ClassVar[str]
    order: ClassVar[int] = 9
    added: ClassVar[str] = ""
    changed: ClassVar[str] = ""
    words: ClassVar[Mapping[str, str]] = {}
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        columns = {name: column(model, name, word) for name, word in self.words.items()}
        self.list_display = [columns.get(str(each), each) for each in self.list_display]
        links = self.list_display_links or ()
        self.list_display_links = [columns.get(str(each), each) for each in links]

    def menu_entry(self, request: Any) -> tuple[str, str, str]:
        """The task it stands under, its name there and its address."""
        name = str(self.opts.verbose_name_plural)
        return self.menu, name[:1].upper() + name[1:], reverse(f"admin:{self.url_stem}_changelist")

    def menu_note(self, request: Any) -> str:
        """A figure for the admin's home, where one is cheap."""
        return ""

    @property
    def url_stem(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made: Any = super().get_form(request, obj, change, **{"labels": self.words, **kwargs})
        made.by = request.user  # a class of this request alone
        return made

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Plain choices: no pop-ups to add or change the row behind them."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """Only what the page's own filters ask, so that no hidden column can be guessed."""
        for each in self.get_list_filter(request):
            if getattr(each, "parameter_name", None) == lookup:
                return True
            if isinstance(each, str) and lookup.startswith(each):
                return lookup.removeprefix(each).removeprefix("__") in LOOKUPS
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Save, and say so in the audit, in one transaction."""
        if change and not form.changed_data:
            return
        super().save_model(request, obj, form, change)
        audit.record(
            self.changed if change else self.added,
            of=self.customer_of(obj),
            by=request.user,
            about=obj if hasattr(obj.pk, "hex") else None,
            row=obj.pk,
            fields=form.changed_data if change else [],
        )

    def customer_of(self, obj: Any) -> Customer | None:
        return getattr(obj, "customer", None)

    def get_changelist_instance(self, request: Any) -> Any:
        """The filters, too, are called what their columns are."""
        listed = super().get_changelist_instance(request)
        for each in listed.filter_specs:
            word = self.words.get(getattr(each, "field_path", ""))
            each.title = word[:1].lower() + word[1:] if word else each.title
        return listed

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        """A list is called what the menu calls it."""
        _, name, _ = self.menu_entry(request)
        return super().changelist_view(request, {"title": name, **(extra_context or {})})

    def changeform_view(
        self,
        request: Any,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """A verb that refuses leaves nothing behind but its sentence. One button saves."""
        one = {"show_save_and_continue": False, "show_save_and_add_another": False}
        context = {**one, **(extra_context or {})}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except Refused as refused:
            self.message_user(request, refused.sentence, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def history_view(
        self, request: Any, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the audit says about one row."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        entries = actors.named(self.audit_entries(row), request.user)[:HISTORY_LENGTH]
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {row}",
            "opts": self.opts,
            "object": row,
            "entries": [(each.at, each.actor_name, audit.sentence(each)) for each in entries],
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def audit_entries(self, row: Any) -> Any:
        """The entries about a row; a row without a uuid stands in the detail."""
        if hasattr(row.pk, "hex"):
            return AuditEntry.objects.filter(object_id=row.pk)
        return AuditEntry.objects.filter(action__in=(self.added, self.changed), detail__row=row.pk)

    def _get_obj_does_not_exist_redirect(self, request: Any, opts: Any, object_id: str) -> Any:
        raise Http404

    # Django's own log would be a second truth beside the audit, with names in it.
    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        return

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        return


class StaffAdmin(BaseAdmin):
    """What belongs to the platform: staff alone see and edit it."""

    menu = "Platform"

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: Any) -> bool:
        return is_staff(request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return is_staff(request)


class OwnedAdmin(BaseAdmin):
    """Rows of one customer. ``power`` opens it; what may be written each admin says."""

    power: ClassVar[str] = "enter_admin"
    owner: ClassVar[str] = "customer"

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return may(request, self.power)

    def has_add_permission(self, request: Any) -> bool:
        return may(request, self.power)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return may(request, self.power)

    def get_queryset(self, request: Any) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if is_staff(request) else rows.filter(**{self.owner: request.user.customer_id})

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Choices of the own customer, whether or not the model is scoped."""
        related = db_field.remote_field.model
        rows = kwargs.get("queryset", related._default_manager.all())
        if not is_staff(request):
            owner = "pk" if related is Customer else "customer"
            rows = rows.filter(**{owner: request.user.customer_id})
        return super().formfield_for_foreignkey(db_field, request, **{**kwargs, "queryset": rows})

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        """Staff choose the customer of a new row; nobody changes it afterwards."""
        named = list(self.fields or ())
        return ["customer", *named] if is_staff(request) and self.owner == "customer" else named

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return ["customer", *self.readonly_fields] if obj else list(self.readonly_fields)

    def get_list_display(self, request: Any) -> list[Any]:
        shown = list(self.list_display)
        return [*shown, "customer"] if is_staff(request) and self.owner == "customer" else shown

    def get_list_filter(self, request: Any) -> list[Any]:
        filters = list(self.list_filter)
        return ["customer", *filters] if is_staff(request) and self.owner == "customer" else filters


class ReadOnlyAdmin(OwnedAdmin):
    """Records: they can be looked at, whoever asks."""

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False
