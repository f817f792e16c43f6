"""Lists are read by cursor, newest first, and never counted."""

from typing import Any, Final

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ErrorDetail, NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from accounts.api.problems import InvalidQuery

NOT_OURS: Final = "This cursor is not one of ours."


class CursorPages(CursorPagination):
    """``?cursor=&limit=`` with ``{next, previous, results}``; at most 200 a page."""

    ordering = ("-created_at", "-id")
    page_size_query_param = "limit"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The cursor of a link of ours. Raises InvalidQuery for anything else."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise _invalid("cursor", NOT_OURS) from None
        if cursor and cursor.position is not None and not _is_instant(str(cursor.position)):
            raise _invalid("cursor", NOT_OURS)
        return cursor

    def get_page_size(self, request: Request) -> int | None:
        text = request.query_params.get("limit")
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 200 and len(text) < 4):
            raise _invalid("limit", "A whole number from 1 to 200.")
        return int(text)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor, limit = super().get_schema_operation_parameters(view)
        limit["schema"] = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
        cursor["description"] = "From `next` or `previous` of another page."
        return [cursor, limit]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}


def _is_instant(text: str) -> bool:
    try:
        found = parse_datetime(text)
    except ValueError:
        return False
    return found is not None and found.tzinfo is not None


def _invalid(parameter: str, sentence: str) -> InvalidQuery:
    return InvalidQuery({parameter: [ErrorDetail(sentence, "invalid")]})
