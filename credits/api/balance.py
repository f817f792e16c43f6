"""How many monthly contacts are left."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from accounts.api.views import ApiView
from credits import ledger


class BalanceAnswer(serializers.Serializer[Any]):
    available = serializers.IntegerField(help_text="Monthly contacts that can be used now")


class BalanceView(ApiView):
    @extend_schema(
        operation_id="get_balance",
        summary="Contacts left",
        tags=["balance"],
        responses={200: BalanceAnswer, **problems()},
        examples=[OpenApiExample("Some left", {"available": 412}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """What is left of the customer's open grants, in monthly contacts."""
        answer = BalanceAnswer({"available": ledger.available(self.viewer.customer)})
        return Response(answer.data)
