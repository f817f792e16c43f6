"""Numbers as people paste them (RULES 4.8)."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from messaging.channels import ReadAddress, Unreadable, phone

COUNTRIES = [
    "CA",
    "US",
    "AU",
    "LT",
    "PL",
    "PR",
    "GB",
    "AT",
    "CL",
    "CZ",
    "DK",
    "EE",
    "HU",
    "IL",
    "IT",
]
COUNTRIES += ["NL", "PH", "PT", "CH"]

FULL_WIDTH = "+15105550142".translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
ARABIC = "+15105550142".translate({48 + digit: 0x660 + digit for digit in range(10)})
UNKNOWN = "This number does not exist. Check the digits and the country."
# Their numbering plans do not tell a landline from a mobile phone.
TOLD_BY_NOBODY = {"US", "CA", "PR", "DK"}


def example(country: str, kind: int) -> str:
    number = phonenumbers.example_number_for_type(country, kind)
    assert number is not None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@pytest.mark.parametrize("country", COUNTRIES)
def test_mobile_number_of_every_served_country_is_read(country: str) -> None:
    e164 = example(country, PhoneNumberType.MOBILE)
    read = phone.read(e164, "US")
    assert (read.address, read.region) == (e164, country)
    assert read.type in ("mobile", "mobile_or_landline")


@pytest.mark.parametrize("country", COUNTRIES)
def test_mobile_number_is_read_as_written_at_home(country: str) -> None:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    assert number is not None
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    assert phone.read(national, country).address == example(country, PhoneNumberType.MOBILE)


@pytest.mark.parametrize("country", sorted(set(COUNTRIES) - TOLD_BY_NOBODY))
def test_landline_is_refused_in_words(country: str) -> None:
    with pytest.raises(Unreadable, match=r"^This is a landline, which cannot receive texts\.$"):
        phone.read(example(country, PhoneNumberType.FIXED_LINE), "US")


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("+44 (0)7400 123456", "US", "+447400123456"),
        ("0044 7400 123456", "GB", "+447400123456"),
        ("011 44 7400 123456", "US", "+447400123456"),
        ("7400123456", "GB", "+447400123456"),
        ("+39 312 345 6789", "US", "+393123456789"),
        ("+54 9 11 2345-6789", "US", "+5491123456789"),
        ("+52 1 222 123 4567", "US", "+522221234567"),
        ("+55 11 96123-4567", "US", "+5511961234567"),
        ("+225 01 23 45 67 89", "US", "+2250123456789"),
        ("(510) 555-0142", "US", "+15105550142"),
        ("1-510-555-CAFE", "US", "+15105552233"),
        (FULL_WIDTH, "GB", "+15105550142"),
        (ARABIC, "GB", "+15105550142"),
        ("+1\u00a0510\u00a0555\u00a00142", "GB", "+15105550142"),
        ("\u202a+1 510 555 0142\u202c", "GB", "+15105550142"),
        ("\u200b+1510\u200d555\u20600142\ufeff", "GB", "+15105550142"),
        ("'+15105550142", "GB", "+15105550142"),
        ("'5105550142", "US", "+15105550142"),
        ("\t+1 510.555.0142\n", "GB", "+15105550142"),
        ("tel:+1-510-555-0142", "GB", "+15105550142"),
    ],
)  # fmt: skip
def test_pasted_number_is_read(typed: str, country: str, e164: str) -> None:
    assert phone.read(typed, country).address == e164


@pytest.mark.parametrize(
    ("typed", "country", "sentence"),
    [
        ("", "US", "Enter a mobile number."),
        (" \u200b ", "US", "Enter a mobile number."),
        ("Dana", "US", "This is not a phone number."),
        ("ACME", "US", "This is not a phone number."),
        ("1.4155E+10", "US", "A spreadsheet rounded this number. Enter all its digits."),
        ("1,4155e+10", "US", "A spreadsheet rounded this number. Enter all its digits."),
        ("+1 510 555 0142 x12", "US", "A number with an extension cannot receive texts."),
        ("(510) 555-0142 ext. 7", "US", "A number with an extension cannot receive texts."),
        ("12345", "US", UNKNOWN),
        ("+1 510 555 014", "US", UNKNOWN),
        ("+1234567890123456", "US", UNKNOWN),
        ("+39 06 1234 5678", "US", "This is a landline, which cannot receive texts."),
        ("+44 70 1234 5678", "US", "This is a personal redirect number, which cannot be texted."),
        ("+1 900 234 5678", "US", "This is a premium number, which cannot be texted."),
        ("+1 800 FLOWERS", "US", "This is a toll-free number, which cannot receive texts."),
        ("5" * 61, "US", "This is too long to be a phone number."),
        ("510\x00555", "US", "This is not a phone number."),
    ],
)  # fmt: skip
def test_unreachable_number_is_refused_in_words(typed: str, country: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        phone.read(typed, country)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("number", "region"),
    [("+15105550142", "US"), ("+16042345678", "CA"), ("+17872345678", "PR")],
)
def test_region_comes_from_the_number_not_from_the_calling_code(number: str, region: str) -> None:
    assert phone.read(number, "US").region == region


def test_number_without_a_plus_is_of_the_given_country() -> None:
    us, gb = phone.read("5105550142", "US"), phone.read("07400 123456", "GB")
    assert us == ReadAddress("+15105550142", "US", "mobile_or_landline")
    assert gb == ReadAddress("+447400123456", "GB", "mobile")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("+4915123456789", "Germany"),
        ("+16042345678", "Canada"),
        ("+447400123456", "United Kingdom"),
        ("+80012345678", ""),
        ("psid-123", ""),
        ("", ""),
    ],
)
def test_country_of_a_number_has_its_english_name(address: str, name: str) -> None:
    assert phone.country_of(address) == name


def test_every_region_has_a_name() -> None:
    assert {code for code in phonenumbers.SUPPORTED_REGIONS if not phone.REGIONS.get(code)} == set()


def test_shown_reads_as_people_write_it() -> None:
    assert phone.shown("+15105550101") == "+1 510-555-0101"
    assert phone.shown("psid-123") == "psid-123"
