"""Errors as application/problem+json (RFC 9457), one shape for all."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from textengage.lib.refusal import Refused

MEDIA_TYPE: Final = "application/problem+json"

SENTENCES: Final = {
    400: "The request is not valid. `errors` says where.",
    404: "There is nothing at this address.",
}


class InvalidQuery(exceptions.ValidationError):
    """A query parameter that cannot be read, is out of range, or does not exist."""


class Unprocessable(exceptions.APIException):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class Conflict(exceptions.APIException):
    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request's body is larger than 1 MB."
    default_code = "too_large"


OURS: Final[dict[type[Exception], type[exceptions.APIException]]] = {
    Http404: exceptions.NotFound,
    PermissionDenied: exceptions.PermissionDenied,
    RequestDataTooBig: TooLarge,
}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into a problem document; None for what is our own fault (500)."""
    if isinstance(error, Refused):
        return _refusal(error, context)
    for theirs, ours in OURS.items():
        if isinstance(error, theirs):
            error = ours()
    if not isinstance(error, exceptions.APIException):
        return None
    status = error.status_code
    code, detail = str(error.default_code), str(error.detail)
    if isinstance(error, exceptions.ValidationError):
        code = "invalid"
    elif isinstance(error.detail, exceptions.ErrorDetail):
        code = error.detail.code or code
    response = _problem(context, status, code, SENTENCES.get(status, detail))
    if isinstance(error, exceptions.ParseError):
        response.data |= {"detail": detail}
    if isinstance(error, exceptions.ValidationError):
        response.data |= {"errors": list(_errors(error))}
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _refusal(error: Refused, context: dict[str, Any]) -> Response:
    if error.code == "absent":
        return _problem(context, 404, "not_found", SENTENCES[404])
    response = _problem(context, 409, error.code, error.sentence)
    if error.values:
        response.data |= {"values": error.values}
    return response


def _problem(context: dict[str, Any], status: int, code: str, detail: str) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": getattr(context.get("view"), "request_id", ""),
        "code": code,
    }
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _errors(error: exceptions.ValidationError) -> Iterator[dict[str, str]]:
    for path, found in _leaves(error.detail, ()):
        where = (
            {"parameter": path[0] if path else ""}
            if isinstance(error, InvalidQuery)
            else {"pointer": "".join(f"/{_escape(part)}" for part in path)}
        )
        yield {**where, "code": str(found.code), "detail": str(found)}


def _leaves(
    detail: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], exceptions.ErrorDetail]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else (*path, str(name))
            yield from _leaves(inner, here)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            # A list of sentences is about one value, a list of mappings is about items.
            here = (*path, str(place)) if isinstance(inner, dict | list) else path
            yield from _leaves(inner, here)
    else:
        yield path, detail


def _escape(part: str) -> str:
    """One step of a JSON Pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


class FieldError(serializers.Serializer[Any]):
    """One field that is wrong: a JSON Pointer into the body, or a query parameter."""

    pointer = serializers.CharField(required=False, help_text="JSON Pointer into the body")
    parameter = serializers.CharField(required=False, help_text="Name of a query parameter")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457. Programs read `code`, people read `detail`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="The X-Request-Id of this request")
    code = serializers.CharField()
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]
    values = serializers.DictField(required=False, help_text="The facts a refusal used")


MEANINGS: Final = {
    400: "A field or parameter is wrong: see `errors`.",
    401: "No token, or one that is no longer good.",
    403: "Not in your plan, or not in your role's powers.",
    404: "There is nothing at this address.",
    409: "Refused, with the reason in `code` and `detail`.",
    413: "The body is larger than 1 MB.",
    415: "The body is not JSON.",
    422: "The Idempotency-Key was used with another body.",
}


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The problem answers of one operation, for the OpenAPI document."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(Problem, MEANINGS[status])
        for status in (401, 403, *statuses)
    }
