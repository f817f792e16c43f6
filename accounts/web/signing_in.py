"""Signing in and out, and choosing a password."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordResetConfirmView
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy

from accounts.models import User
from textengage.lib.required import in_our_words


class SignInForm(AuthenticationForm):
    """By e-mail address. Unknown, wrong and shut out get the same answer."""

    error_messages = {
        "invalid_login": "This e-mail address and password do not belong together.",
        "inactive": "This e-mail address and password do not belong together.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "maxlength": 254}
        )
        self.fields["username"].error_messages["required"] = "Enter your e-mail address."
        self.fields["password"].error_messages["required"] = "Enter your password."

    def confirm_login_allowed(self, user: Any) -> None:
        """Raises the common answer for service users and customers who left, too."""
        super().confirm_login_allowed(user)
        assert isinstance(user, User)
        if user.is_service or (user.customer and not user.customer.is_active):
            raise self.get_invalid_login_error()


class SignIn(LoginView):
    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        is_staff = getattr(self.request.user, "customer_id", None) is None
        return reverse("admin:index" if is_staff else "dashboard")


class SignOut(LogoutView):
    http_method_names = ["post"]


class ChoosePasswordForm(SetPasswordForm):  # type: ignore[type-arg] # no generic at run time
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "New password"
        self.fields["new_password2"].label = "New password, once more"
        again = "Enter the new password once more."
        self.fields["new_password2"].error_messages["required"] = again
        in_our_words(self)


class ChoosePassword(PasswordResetConfirmView):
    """From the link that a Manager hands over. It works once."""

    form_class = ChoosePasswordForm
    template_name = "accounts/set_password.html"
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is set. Sign in with it.")
        return super().form_valid(form)
