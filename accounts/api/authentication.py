"""Who calls: a service user's token, or the session of somebody using our own pages."""

from typing import Any

from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework import authentication
from rest_framework.request import Request

from accounts.models import User


class TokenAuthentication(KnoxAuthentication):  # type: ignore[misc]
    """``Authorization: Token te_...``. Only a digest of the token is stored."""


class SessionAuthentication(authentication.SessionAuthentication):
    """The session cookie, with CSRF, which makes the answer for strangers a 401."""

    def authenticate_header(self, request: Request) -> str:
        return "Token"

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        found = super().authenticate(request)
        return found  # type: ignore[return-value]
