"""Who calls: a service user's token, or the session of somebody using our own pages."""

from typing import Any

from django.db.models import Q
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from accounts.viewer import Viewer
from textengage.lib.clock import AppNow
from textengage.lib.scoping import within


class TokenAuthentication(KnoxAuthentication):
    """``Authorization: Token te_...``. Only a digest of the token is stored.

    A token dies with its service user, with the customer and with the license: every
    request asks again, by the database's clock.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        """The service user behind a token. Raises AuthenticationFailed."""
        digest = hash_token(token.decode("latin-1"))
        found = (
            AuthToken.objects.filter(Q(expiry__isnull=True) | Q(expiry__gt=AppNow()), digest=digest)
            .select_related("user__customer")
            .first()
        )
        if found is None:
            raise AuthenticationFailed("This token is unknown or has expired.", "invalid_token")
        user = found.user
        customer = user.customer
        if not (user.is_active and user.is_service and customer and customer.is_active):
            raise AuthenticationFailed("This token's user is deactivated.", "deactivated")
        with within(customer):
            if not Viewer(user, customer).is_licensed:
                raise AuthenticationFailed("This token's user has no license.", "unlicensed")
        return user, found


class SessionAuthentication(authentication.SessionAuthentication):
    """The session cookie, with CSRF, which makes the answer for strangers a 401."""

    def authenticate_header(self, request: Request) -> str:
        return "Token"

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        found = super().authenticate(request)
        return found


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes `TokenAuthentication`."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token te_...`: the token of a service user.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes `SessionAuthentication`."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        # The cookie's name depends on http or https, the committed document must not.
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "session",
            "description": "Signed in on our own pages; writes carry `X-CSRFToken`.",
        }
