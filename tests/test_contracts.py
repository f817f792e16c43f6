"""What every plug-in must hold, for whatever file is found in its folder."""

import inspect

import pytest

from accounts.models import PRODUCTS
from messaging import channels, providers
from messaging.channels import Channel, Unreadable
from messaging.conversations import status
from messaging.dispatch import errors
from messaging.gate import gate
from messaging.gate.verdict import Batch, Check, Moment
from messaging.providers import Credentials, Provider
from messaging.wording import variables
from textengage.lib import clock
from textengage.lib.registry import modules_of

CHANNELS = channels.all_channels().values()
PROVIDERS = providers.all_providers().values()
CHECKS = gate.checks()
CREDENTIALS = Credentials("AC" + "a" * 32, ("token",), 1)


def codes(package: str) -> list[str]:
    return [module.__name__.rpartition(".")[2] for module in modules_of(package)]


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda each: each.code)
def test_channel_speaks_of_things_that_exist(channel: Channel) -> None:
    assert channel.code in codes("messaging.channels")
    assert channel.product in PRODUCTS
    assert channel.provider in providers.all_providers()
    assert channel.max_characters > 0


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda each: each.code)
def test_channel_refuses_nonsense_with_a_sentence(channel: Channel) -> None:
    for text in ("", " ", "no address", "\x00", "9" * 500):
        with pytest.raises(Unreadable, match=r"^[A-Z].*\.$"):
            channel.read(text, "US")


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.code)
def test_provider_is_named_as_its_file(provider: Provider) -> None:
    assert provider.code in codes("messaging.providers")
    assert providers.get(provider.code) is provider


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.code)
@pytest.mark.parametrize("kind", ["", "application/x-www-form-urlencoded", "application/json"])
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\x00=\x00", b"AccountSid=" + b"a" * 34])
def test_provider_refuses_what_nobody_signed(provider: Provider, kind: str, body: bytes) -> None:
    for signature in ({}, {"x-twilio-signature": ""}, {"x-twilio-signature": "\xff"}):
        headers = {"content-type": kind, **signature}
        assert provider.verify("https://te.example/hooks/", body, headers, CREDENTIALS) is None


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.code)
def test_provider_reads_nothing_into_an_empty_form(provider: Provider) -> None:
    with pytest.raises(KeyError):
        provider.read_inbound({})
    with pytest.raises(KeyError):
        provider.read_receipt({})


def test_checks_stand_in_one_line() -> None:
    ranks = [check.rank for check in CHECKS]
    assert (ranks, len(set(ranks))) == (sorted(ranks), len(codes("messaging.gate.checks")))


@pytest.mark.parametrize("check", CHECKS, ids=lambda each: each.code)
def test_check_is_named_as_its_file_and_says_what_it_holds(check: Check) -> None:
    assert type(check).__module__ == f"messaging.gate.checks.{check.code}"
    assert "." in (inspect.getdoc(type(check)) or "")


@pytest.mark.django_db
@pytest.mark.usefixtures("everyone")
@pytest.mark.parametrize("check", CHECKS, ids=lambda each: each.code)
@pytest.mark.parametrize("moment", Moment)
def test_check_of_nothing_says_nothing(check: Check, moment: Moment) -> None:
    assert check.apply(Batch([], moment, clock.now())) == {}


@pytest.mark.parametrize("code", errors.known())
def test_error_has_an_action_and_a_short_sentence(code: str) -> None:
    meaning = errors.meaning_of(code)
    assert meaning.action in errors.ACTIONS
    assert meaning.sentence.endswith(".")
    assert len(meaning.sentence) <= 90


def test_unknown_error_is_final_and_shown_as_it_is() -> None:
    assert errors.meaning_of("99999") == errors.Meaning(
        "final", "The carrier refused it (code 99999)."
    )


def test_every_state_is_either_gone_or_not() -> None:
    groups = (status.IN_FLIGHT, status.LEFT, status.NEVER_LEFT, (status.UNCONFIRMED,))
    assert sorted(state for group in groups for state in group) == sorted(
        {*status.OUTBOUND, status.CLAIMED}
    )


@pytest.mark.parametrize("name", variables.VARIABLES)
def test_variable_is_empty_rather_than_wrong(name: str) -> None:
    filled = variables.fill(f"Hi ${name}!", variables.Facts())
    assert (filled.text, filled.missing, filled.unknown) == ("Hi !", (name,), ())
