"""Phone numbers as people paste them, read by libphonenumber (RULES 4.8)."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from messaging.channels._channel import ReadAddress, Unreadable

TYPES: Final = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile_or_landline",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "premium",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
NOT_TEXTABLE: Final = {
    "landline": "This is a landline, which cannot receive texts.",
    "toll_free": "This is a toll-free number, which cannot receive texts.",
    "premium": "This is a premium number, which cannot be texted.",
    "personal": "This is a personal redirect number, which cannot be texted.",
    "pager": "This is a pager.",
    "company": "This is a company access number, which cannot receive texts.",
    "voicemail": "This is a voicemail number, which cannot receive texts.",
}
# What spreadsheets and chat programs leave around a number, invisible ones included.
NOISE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]|^'")
SPREADSHEET: Final = re.compile(r"\d[.,]?\d*[eE]\+?\d+")
# English names of the regions that libphonenumber knows. Its own table of names comes with
# 100 MB of places, which no process of ours needs.
REGIONS: Final[dict[str, str]] = json.loads(
    Path(__file__).with_name("regions.json").read_text(encoding="utf-8")
)
MAX_LENGTH: Final = 60
MEXICO: Final = 52


def read(text: str, country: str) -> ReadAddress:
    """A mobile number in E.164. ``country`` (ISO code) is for numbers without a +.

    Raises Unreadable with a sentence for the person who typed it.
    """
    number = parse(text, country)
    kind = TYPES.get(phonenumbers.number_type(number), "unknown")
    if kind in NOT_TEXTABLE:
        raise Unreadable(NOT_TEXTABLE[kind])
    region = phonenumbers.region_code_for_number(number) or ""
    return ReadAddress(e164(number), region, kind)


def parse(text: str, country: str) -> phonenumbers.PhoneNumber:
    """A number that exists by the numbering plan. Raises Unreadable."""
    cleaned = NOISE.sub("", unicodedata.normalize("NFKC", text.strip())).strip()
    if not cleaned:
        raise Unreadable("Enter a mobile number.")
    if len(cleaned) > MAX_LENGTH:
        raise Unreadable("This is too long to be a phone number.")
    if SPREADSHEET.fullmatch(cleaned):
        raise Unreadable("A spreadsheet rounded this number. Enter all its digits.")
    try:
        number = phonenumbers.parse(cleaned, country)
    except NumberParseException:
        raise Unreadable("This is not a phone number.") from None
    if number.extension:
        raise Unreadable("A number with an extension cannot receive texts.")
    if number.country_code == MEXICO:
        number.national_number = _without_old_one(number.national_number or 0)
    if not phonenumbers.is_valid_number(number):
        raise Unreadable("This number does not exist. Check the digits and the country.")
    return number


def _without_old_one(national: int) -> int:
    """Mexican mobile numbers had a 1 in front until 2019; many still paste it."""
    digits = str(national)
    return int(digits[1:]) if len(digits) == 11 and digits[0] == "1" else national


def e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown(address: str) -> str:
    """An E.164 number as people write it internationally, such as +1 510-555-0101."""
    try:
        number = phonenumbers.parse(address)
    except NumberParseException:
        return address
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def country_of(address: str) -> str:
    """The English name of an E.164 number's country; empty for a number of no country."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(address))
    except NumberParseException:
        return ""
    return REGIONS.get(region or "", "")
