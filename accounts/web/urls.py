"""Signing in and a person's own settings."""

from django.urls import path

from accounts.web import settings
from accounts.web.signing_in import ChoosePassword, SignIn, SignOut

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("set-password/<uidb64>/<token>/", ChoosePassword.as_view(), name="set-password"),
    path("settings/profile/", settings.profile, name="profile"),
    path("settings/appearance/", settings.appearance, name="appearance"),
]
