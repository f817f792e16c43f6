"""A person's own settings."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts import people
from accounts.models import User
from accounts.web.base import Request, page

THEMES = ("system", "light", "dark")


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg] # no generic at run time
    class Meta:
        model = User
        fields = ("first_name", "last_name", "theme", "undo_seconds")
        labels = {"theme": "Colors", "undo_seconds": "Time to undo a text"}
        widgets = {
            "undo_seconds": forms.Select(
                choices=[(0, "None, send at once"), (5, "5 seconds"), (10, "10 seconds")]
            )
        }


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
    status = 422 if form.errors else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)


@require_POST
@page()
def appearance(request: Request) -> HttpResponse:
    """Light, dark, or as the system has it; then back to where the person was."""
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        User.objects.filter(id=request.viewer.user.id).update(theme=theme)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if is_ours else "dashboard")
