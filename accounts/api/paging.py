"""Lists are read by cursor, newest first, and never counted."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """``?cursor=&limit=`` with ``{next, previous, results}``; at most 200 a page."""

    ordering = ("-created_at", "-id")
    page_size_query_param = "limit"
    max_page_size = 200
