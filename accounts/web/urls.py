"""Signing in and a person's own settings."""

from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.web import settings
from accounts.web.signing_in import ChoosePassword, SignIn, SignOut

# Django's views would take PUT for POST, and use a link up on OPTIONS.
of_a_form = require_http_methods(["GET", "HEAD", "POST"])

urlpatterns = [
    path("sign-in/", of_a_form(SignIn.as_view()), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path(
        "set-password/<uidb64>/<token>/",
        of_a_form(ChoosePassword.as_view()),
        name="set-password",
    ),
    path("settings/profile/", settings.profile, name="profile"),
    path("settings/appearance/", settings.appearance, name="appearance"),
    path("settings/license/", settings.own_license, name="own-license"),
]
