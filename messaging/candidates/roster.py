"""Adding people and finding them by where they can be reached."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Customer, User
from credits import windows
from messaging import channels
from messaging.candidates import addresses, consent, optout
from messaging.candidates.consent import Evidence
from messaging.candidates.models import Address, Candidate
from messaging.channels import phone
from textengage.lib.ids import new_id
from textengage.lib.refusal import Refused


def add(
    customer: Customer,
    *,
    first_name: str,
    last_name: str,
    number: str,
    country: str | None = None,
    by: User | None,
    kind: str = Candidate.CANDIDATE,
    current_title: str = "",
    job: str = "",
    email: str = "",
    source: str = "typed",
    evidence: Evidence | None = None,
    id: UUID | None = None,
) -> Candidate:
    """Create a candidate with a mobile number.

    Raises Refused: blank_name, invalid_number (the sentence says what is wrong with it),
    duplicate_number (``candidate_id`` is who has it).
    """
    first_name, last_name = first_name.strip(), last_name.strip()
    if not first_name or not last_name:
        raise Refused("blank_name", "Enter a first name and a last name.")
    read = read_address(customer, "sms", number, country)
    candidate = Candidate(
        id=id or new_id(),
        customer=customer,
        kind=kind,
        first_name=first_name,
        last_name=last_name,
        current_title=current_title,
        job=job,
        email=email,
        source=source,
        created_by=by if by and by.customer_id == customer.id else None,
    )
    try:
        with transaction.atomic():
            candidate.save(force_insert=True)
            _attach(candidate, "sms", read, raw=number)
            windows.ensure([(customer.id, candidate.contact_key)])
            if evidence:
                consent.record(candidate, evidence, channel="sms", by=by)
            audit.record("candidate.added", of=customer, by=by, about=candidate)
    except IntegrityError:
        # Somebody else has the number, or has just been given it at the same moment.
        _refuse_duplicate(customer, read.address)
        raise
    return candidate


@transaction.atomic
def change(candidate: Candidate, facts: dict[str, str], *, by: User) -> None:
    """Write the facts that differ, audited by their names alone."""
    changed = sorted(name for name, value in facts.items() if getattr(candidate, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(candidate, name, facts[name])
    candidate.save(update_fields=changed)
    audit.record(
        "candidate.changed", of=candidate.customer_id, by=by, about=candidate, fields=changed
    )


def add_stranger(customer: Customer, channel: str, address: str) -> Address:
    """Somebody who wrote first: known by the address alone until a recruiter names them.

    Raises Refused("duplicate_number") when a parallel text made the same person.
    """
    read = channels.ReadAddress(address, *_region_and_type(customer, channel, address))
    candidate = Candidate(
        customer=customer, first_name=phone.shown(address), last_name="", source="inbound"
    )
    try:
        with transaction.atomic():
            candidate.save(force_insert=True)
            made = _attach(candidate, channel, read, raw=address)
            windows.ensure([(customer.id, candidate.contact_key)])
            audit.record("candidate.added", of=customer, by=None, about=candidate)
    except IntegrityError:
        raise Refused("duplicate_number", "This person has just been added.") from None
    return made


def _region_and_type(customer: Customer, channel: str, address: str) -> tuple[str, str]:
    """What can be told of an address we did not read from a form."""
    try:
        read = channels.get(channel).read(address, customer.default_country)
    except channels.Unreadable:
        return "", "unknown"
    return read.region, read.type


def read_address(
    customer: Customer, channel: str, text: str, country: str | None = None
) -> channels.ReadAddress:
    """An address as it is stored. Raises Refused("invalid_number")."""
    try:
        return channels.get(channel).read(text, country or customer.default_country)
    except channels.Unreadable as problem:
        raise Refused("invalid_number", str(problem)) from None


def find(customer: Customer, channel: str, address: str) -> Address | None:
    """Who has an address at this customer, purged people excepted."""
    return (
        Address.objects.select_related("candidate")
        .filter(customer=customer, channel=channel, address=address)
        .first()
    )


def _attach(candidate: Candidate, channel: str, read: channels.ReadAddress, *, raw: str) -> Address:
    address = Address.objects.create(
        customer_id=candidate.customer_id,
        candidate=candidate,
        channel=channel,
        address=read.address,
        address_key=addresses.key_of(channel, read.address),
        region=read.region,
        number_type=read.type,
        raw=raw[:120],
    )
    optout.join(candidate, address)
    return address


def _refuse_duplicate(customer: Customer, address: str) -> None:
    found = find(customer, "sms", address)
    if found:
        raise Refused(
            "duplicate_number",
            f"{found.candidate.name} already has this number.",
            candidate_id=str(found.candidate_id),
        )
