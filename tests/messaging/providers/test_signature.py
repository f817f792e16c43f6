"""Webhook signatures, with the provider's own signer as the oracle (RULES 4.1)."""

import hashlib
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from messaging.providers import Credentials, _signature
from messaging.providers.twilio import TWILIO

SID, TOKEN = "AC" + "a" * 32, "the account's own token"
URL = "https://te.example/hooks/twilio/0190/inbound/"
FORM = "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


class Multi(dict[str, list[str]]):
    """Repeated names, in the form the oracle reads them."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def signed(url: str, form: dict[str, list[str]], token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, Multi(form)))


def verified(
    url: str, body: bytes, signature: str, *tokens: str, kind: str = FORM
) -> dict[str, str] | None:
    headers = {"x-twilio-signature": signature, "content-type": kind}
    return TWILIO.verify(url, body, headers, Credentials(SID, tokens or (TOKEN,), 1))


def body_of(form: dict[str, list[str]]) -> bytes:
    return urlencode(form, doseq=True).encode()


def form(**parameters: str) -> dict[str, list[str]]:
    return {"AccountSid": [SID]} | {name: [value] for name, value in parameters.items()}


@pytest.mark.parametrize(
    "fields",
    [
        form(Body="Hi", From="+15105550142"),
        form(Body=""),
        form(Body=" padded\t\r\n"),
        form(Body="¿Qué? 退订 🛑 a&b=c%20+"),
        form(Body="\x00"),
        form() | {"MediaUrl": ["b", "a", "a"]},
        form(zulu="1", Alpha="2", alpha="3", ALPHA="4"),
    ],
)
def test_what_the_provider_signs_is_verified(fields: dict[str, list[str]]) -> None:
    assert verified(URL, body_of(fields), signed(URL, fields)) is not None


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(TEXT.filter(bool), st.lists(TEXT, min_size=1, max_size=3), max_size=6))
def test_any_form_survives_the_round_trip(fields: dict[str, list[str]]) -> None:
    fields = fields | {"AccountSid": [SID]}
    read = verified(URL, body_of(fields), signed(URL, fields))
    assert read == {name: values[-1].replace("\0", "\ufffd") for name, values in fields.items()}


@pytest.mark.parametrize(
    ("called", "signed_as"),
    [
        ("https://te.example/h/", "https://te.example:443/h/"),
        ("https://te.example:443/h/", "https://te.example/h/"),
        ("http://te.example/h/", "http://te.example:80/h/"),
        ("https://te.example:8443/h/", "https://te.example:8443/h/"),
        ("https://te.example/h/?a=b%20c", "https://te.example/h/?a=b%20c"),
        ("https://te.example/h/?a=b|c", "https://te.example/h/?a=b%7Cc"),
    ],
)
def test_ports_and_queries_are_tried_as_the_provider_may_sign_them(
    called: str, signed_as: str
) -> None:
    mac = _signature.sign(signed_as, b"AccountSid" + SID.encode(), TOKEN).decode()
    assert verified(called, body_of(form()), mac) == {"AccountSid": SID}


@pytest.mark.parametrize("port", ["8080", "80", "444"])
def test_no_other_port_is_tried(port: str) -> None:
    signature = _signature.sign(
        f"https://te.example:{port}/h/", b"AccountSid" + SID.encode(), TOKEN
    )
    assert verified("https://te.example/h/", body_of(form()), signature.decode()) is None


def test_every_flipped_bit_is_refused() -> None:
    fields = form(Body="Hi Dana", From="+15105550142")
    body, signature = body_of(fields), signed(URL, fields)
    parts = [URL.encode(), body, signature.encode()]
    for part in parts:
        for place in range(len(part) * 8):
            changed = bytearray(part)
            changed[place // 8] ^= 1 << place % 8
            url, sent, mac = (bytes(changed) if part is each else each for each in parts)
            shown = (url.decode("latin-1"), sent, mac.decode("latin-1"))
            assert not _accepts(*shown) or _means_the_same(shown, (URL, body, signature))


def _accepts(url: str, body: bytes, signature: str) -> bool:
    try:
        return verified(url, body, signature) is not None
    except ValueError:
        return False


def _means_the_same(one: tuple[str, bytes, str], other: tuple[str, bytes, str]) -> bool:
    """``%2b`` for ``%2B`` and ``Https`` for ``https``: other bytes, the same request."""
    same_form = _signature.form_pairs(one[1]) == _signature.form_pairs(other[1])
    same_address = urlsplit(one[0]).geturl() == other[0]
    return same_form and same_address and one[2] == other[2]


@pytest.mark.parametrize("change", [str.lower, lambda text: text + "A", lambda text: text[:-1]])
def test_another_signature_is_refused(change: object) -> None:
    assert callable(change)
    assert verified(URL, body_of(form()), change(signed(URL, form()))) is None


def test_added_parameter_is_refused() -> None:
    signature = signed(URL, form(Body="Hi"))
    assert verified(URL, body_of(form(Body="Hi", To="+15105550101")), signature) is None


def test_another_accounts_token_is_refused() -> None:
    assert verified(URL, body_of(form()), signed(URL, form(), "another's token")) is None


def test_own_token_speaking_of_another_account_is_refused() -> None:
    other = {"AccountSid": ["AC" + "b" * 32]}
    assert verified(URL, body_of(other), signed(URL, other)) is None


def test_either_token_is_good_during_a_rotation() -> None:
    for token in ("the old one", "the next one"):
        signature = signed(URL, form(), token)
        assert verified(URL, body_of(form()), signature, "the old one", "the next one")


def test_json_needs_the_hash_of_its_body() -> None:
    body = b'{"AccountSid": "x"}'
    hashed = f"{URL}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    for url, sent, good in ((hashed, body, True), (hashed, body + b" ", False), (URL, body, False)):
        mac = signed(url, {})
        found = _signature.is_signed(url, sent, "application/json; charset=utf-8", mac, [TOKEN])
        assert found is good


def test_json_agrees_with_the_oracle() -> None:
    body = '{"text": "¿Qué?"}'
    url = f"{URL}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}&a={quote('b c')}"
    mac = signed(url, {})
    assert RequestValidator(TOKEN).validate(url, body, mac)
    assert _signature.is_signed(url, body.encode(), "application/json", mac, [TOKEN])


def test_form_that_calls_itself_json_is_refused() -> None:
    body = body_of(form(Body="Hi"))
    assert verified(URL, body, signed(URL, form(Body="Hi")), kind="application/json") is None


def test_repeated_name_is_read_as_its_last_value() -> None:
    fields = form() | {"Body": ["one", "two"]}
    read = verified(URL, body_of(fields), signed(URL, fields))
    assert read == {"AccountSid": SID, "Body": "two"}
