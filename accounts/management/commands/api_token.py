"""``manage.py api_token "Acme" "ATS link"``: a service user with a token, shown once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import tokens
from accounts.models import Customer
from textengage.lib.refusal import Refused
from textengage.lib.scoping import within


class Command(BaseCommand):
    help = "Make a service user with an API token for a customer. The token is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="the customer's name")
        parser.add_argument("name", help="what the token is for, such as 'ATS link'")
        parser.add_argument("--days", type=int, default=365, help="how long it is good")

    def handle(self, *args: Any, **options: Any) -> str:
        customer = Customer.objects.filter(name=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer named {options['customer']}.")
        if not customer.owns("api"):
            raise CommandError(f"{customer} does not have the product API.")
        try:
            with within(customer):
                user = tokens.add_service_user(customer, options["name"], by=None)
                return tokens.issue(user, days=options["days"])
        except Refused as refusal:
            raise CommandError(refusal.sentence) from None
