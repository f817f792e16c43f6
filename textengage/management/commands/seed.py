"""The demo's world: two companies, six people, two candidates, the carrier's accounts."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import Customer, User
from messaging.dispatch import callbacks
from messaging.senders.models import ProviderAccount, Sender
from textengage import cast
from textengage.lib.scoping import across_customers

PASSWORD = "demo-textengage"  # noqa: S105 - printed for whoever starts the demo
PHONES = ("+15105550142=Dana Kim:silent", "+15105550143=Omar Haddad:answers")


class Command(BaseCommand):
    help = "Fill an empty database with the demo's people and print how to sign in. Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", default=PASSWORD, help="for everybody")

    def handle(self, *args: Any, **options: Any) -> None:
        with across_customers():  # the platform's own work, above customers
            if not Customer.objects.exists():
                with transaction.atomic():
                    make_world(options["password"])
            write_carrier_arguments(Path(settings.VAR_DIR))
            for user in User.objects.filter(is_service=False).order_by("created_at"):
                role = "Platform staff" if user.is_superuser else user.get_role_display()
                company = user.customer.name if user.customer else "TextEngage"
                self.stdout.write(f"  {user.email:24} {options['password']:18} {role}, {company}")


def make_world(password: str) -> None:
    """Acme and Globex, their people with one password, Dana and Omar at Acme."""
    companies = [cast.acme(secrets.token_hex(16)), cast.globex(secrets.token_hex(16))]
    cast.dana(companies[0])
    cast.omar(companies[0])
    staff = User.objects.create_superuser(
        "staff@textengage.example", password, first_name="Platform", last_name="Staff"
    )
    for user in (*(each for c in companies for each in c.people.values()), staff):
        user.set_password(password)
        user.save(update_fields=["password"])


def write_carrier_arguments(folder: Path) -> None:
    """What the simulated carrier must know, in files only their owner can read."""
    accounts = list(ProviderAccount.objects.filter(provider="twilio"))
    tokens = "".join(f"{each.account_sid}:{each.tokens[0]}\n" for each in accounts)
    _write(folder / "carrier.accounts", tokens)
    arguments = ["--accounts", str(folder / "carrier.accounts"), "--no-block-list"]
    for sender in Sender.objects.filter(account__in=accounts).select_related("account"):
        inbound = callbacks.inbound_url("twilio", sender.account_id)
        arguments += ["--number", f"{sender.account.account_sid}:{sender.address}={inbound}"]
    for phone in PHONES:
        arguments += ["--phone", phone]
    _write(folder / "carrier.args", "".join(f"{each}\n" for each in arguments))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
