"""The balance, under /api/v1/."""

from django.urls import path

from credits.api.balance import BalanceView

urlpatterns = [path("balance/", BalanceView.as_view(), name="api-balance")]
