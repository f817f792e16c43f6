"""Filters of lists, by django-filter. A parameter nobody declared is an error."""

from typing import Any

from django_filters import (  # type: ignore[import-untyped]
    ChoiceFilter,
    IsoDateTimeFilter,
    UUIDFilter,
)
from django_filters.rest_framework import (  # type: ignore[import-untyped]
    DjangoFilterBackend,
    FilterSet,
)
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts.api.problems import InvalidQuery

__all__ = ["ChoiceFilter", "CreatedFilters", "StrictFilters", "UUIDFilter"]


class StrictFilters(DjangoFilterBackend):
    """django-filter, refusing parameters that no filter has: a typo must not list all."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        known = {*view.filterset_class.base_filters, "cursor", "limit"}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            sentence = ErrorDetail("There is no such parameter.", "unknown_parameter")
            raise InvalidQuery({name: [sentence] for name in unknown})
        try:
            return super().filter_queryset(request, queryset, view)
        except ValidationError as wrong:
            raise InvalidQuery(wrong.detail) from None


class CreatedFilters(FilterSet):
    """What every list can be narrowed by: when its rows were made (RFC 3339)."""

    created_at__gte = IsoDateTimeFilter("created_at", "gte")
    created_at__lt = IsoDateTimeFilter("created_at", "lt")
