"""A person's own settings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts import licenses, people
from accounts.models import User
from accounts.web.base import Request, page
from accounts.web.zones import spoken
from textengage.lib.refusal import Refused
from textengage.lib.required import in_our_words

THEMES = ("system", "light", "dark")


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg] # no generic at run time
    undo_seconds = forms.TypedChoiceField(
        label="Time to undo a text",
        coerce=int,
        choices=[(0, "None, send at once"), (5, "5 seconds"), (10, "10 seconds")],
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "theme", "undo_seconds")
        labels = {"theme": "Colors"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self)


@require_http_methods(["GET", "POST"])
@page()
def profile(request: Request) -> HttpResponse:
    """Name, colors, and how long Send can be undone."""
    user = User.objects.get(id=request.viewer.user.id)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        names = {name: form.cleaned_data[name] for name in ("first_name", "last_name")}
        user.save(update_fields=["theme", "undo_seconds"])
        if any(name in form.changed_data for name in names):
            people.set_details(user, by=user, **names)
        messages.success(request, "Your settings are saved.")
        return redirect("profile")
    company = request.viewer.customer
    context = {"form": form, "zone": spoken(company.time_zone), "company": company.name}
    return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


@require_POST
@page()
def appearance(request: Request) -> HttpResponse:
    """Light, dark, or as the system has it; then back to where the person was."""
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        User.objects.filter(id=request.viewer.user.id).update(theme=theme)
    return redirect(_back(request, request.POST.get("next", "")))


@require_POST
@page("manage_people")
def own_license(request: Request) -> HttpResponse:
    """A Manager takes one of the free licenses; then back to where they wanted to send."""
    user = request.viewer.user
    try:
        given = licenses.give(user, by=user)
        messages.success(request, f"You have a license: {given.seat}.")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect(_back(request, request.GET.get("next", "")))


def _back(request: Request, asked: str) -> str:
    """An address of ours that was asked for, else the dashboard."""
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else "dashboard"
