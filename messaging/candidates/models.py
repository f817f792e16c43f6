"""People, their addresses, the evidence of their consent, and Do Not Text."""

import uuid

from django.db import models

from accounts.models import Customer, Team, User
from accounts.viewer import Viewer
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager, key_for_children


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def visible_to(self, viewer: Viewer) -> "CandidateQuerySet":
        """Every candidate of the viewer's customer who has not been purged."""
        return self.filter(customer=viewer.customer, purged_at__isnull=True)


class Candidate(models.Model):
    """A person the customer texts. ``contact_key`` is the person for ledger and locks."""

    CANDIDATE, EMPLOYEE = "candidate", "employee"
    KINDS = ((CANDIDATE, "Candidate"), (EMPLOYEE, "Employee"))

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    contact_key = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=KINDS, default=CANDIDATE)
    first_name = models.CharField(max_length=80, null=True)  # noqa: DJ001 - null once purged
    last_name = models.CharField(max_length=80, null=True)  # noqa: DJ001 - null once purged
    current_title = models.CharField(max_length=120, blank=True)
    job = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=40, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)
    purged_at = models.DateTimeField(null=True, editable=False)

    objects = OwnedManager.from_queryset(CandidateQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = (
            key_for_children("messaging_candidate_key"),
            models.UniqueConstraint(
                fields=["customer", "contact_key"], name="messaging_candidate_person"
            ),
        )
        indexes = (
            # The candidates page, by name.
            models.Index(fields=["customer", "last_name", "id"], name="messaging_candidate_name"),
            # The API's list, newest first.
            models.Index(
                fields=["customer", "-created_at", "-id"], name="messaging_candidate_newest"
            ),
        )

    def __str__(self) -> str:
        return self.name or "purged"

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class Address(models.Model):
    """Where a person can be reached on one channel: E.164 for SMS, else the channel's id.

    One address belongs to one candidate of a customer. ``address_key`` is its keyed hash,
    by which opt-outs and the 45 days remember it when the address itself is gone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="addresses")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=120)
    address_key = models.BinaryField(editable=False)
    region = models.CharField(max_length=2, blank=True)
    number_type = models.CharField(max_length=30, blank=True)
    raw = models.CharField(max_length=120, blank=True)
    unusable_reason = models.CharField(max_length=90, blank=True)
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)

    objects = OwnedManager["Address"]()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "addresses"
        constraints = (
            key_for_children("messaging_address_key"),
            models.UniqueConstraint(
                fields=["customer", "channel", "address"], name="messaging_address_one_candidate"
            ),
        )
        indexes = (
            models.Index(fields=["candidate", "channel"], name="messaging_address_person"),
            models.Index(fields=["customer", "address_key"], name="messaging_address_hash"),
        )

    def __str__(self) -> str:
        return self.address


class Consent(models.Model):
    """Evidence that a person agreed to be texted: source, wording, time, actor, scope."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    wording = models.TextField(blank=True)
    scope = models.CharField(max_length=60, default="recruiting")
    given_at = models.DateTimeField(db_default=AppNow())
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    message_id = models.UUIDField(null=True)

    objects = OwnedManager["Consent"]()

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["candidate", "given_at"], name="messaging_consent_person"),)

    def __str__(self) -> str:
        return f"{self.source} {self.given_at:%Y-%m-%d}"


class OptOut(models.Model):
    """Do Not Text, from ``effective_at`` until only the person lifts it (``revoked_at``).

    ``team`` is empty for the whole customer. ``effective_at`` is read after the person's
    row is locked and whatever was claimed is withdrawn, so no text is on its way past it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=20)
    word = models.CharField(max_length=40, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    message_id = models.UUIDField(null=True)
    effective_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by_message_id = models.UUIDField(null=True)

    objects = OwnedManager["OptOut"]()

    class Meta:
        default_permissions = ()
        constraints = (key_for_children("messaging_optout_key"),)

    def __str__(self) -> str:
        return f"Do Not Text since {self.effective_at:%Y-%m-%d}"


class OptOutMember(models.Model):
    """One address of an opted-out person, as a keyed hash: it survives purge and merge."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    optout = models.ForeignKey(OptOut, on_delete=models.CASCADE, related_name="members")
    address_key = models.BinaryField()
    since = models.DateTimeField(help_text="When this address joined; not before the opt-out")

    objects = OwnedManager["OptOutMember"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["optout", "address_key"], name="messaging_optoutmember_once"
            ),
        )
        indexes = (
            # Every claim asks: is this address opted out?
            models.Index(fields=["customer", "address_key"], name="messaging_optoutmember_hash"),
        )

    def __str__(self) -> str:
        return f"member of {self.optout_id}"
