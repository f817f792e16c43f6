"""Threads and texts. The text's row is the outbox (ARCHITECTURE decision 2)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import Customer, Team, User
from accounts.viewer import Viewer
from messaging.candidates.models import Address, Candidate, OptOut
from messaging.conversations import status
from messaging.senders.models import ProviderAccount, Sender
from textengage.lib.clock import AppNow
from textengage.lib.ids import new_id
from textengage.lib.scoping import OwnedManager, key_for_children


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, viewer: Viewer) -> "ConversationQuerySet":
        """Every thread of the viewer's customer: colleagues read each other's threads."""
        return self.filter(customer=viewer.customer, candidate__purged_at__isnull=True)

    def owned_by(self, user: User) -> "ConversationQuerySet":
        return self.filter(owner=user)


class Conversation(models.Model):
    """One person, one thread, whatever numbers and channels it runs over.

    The ``last_*`` columns repeat what the newest text says, so that a list of threads is
    one index scan. ``version`` rises with every change and is what live events carry.
    """

    OPEN, CLOSED = "open", "closed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Other indexes begin with the customer and with the owner.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="threads")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, default=OPEN)
    last_message_at = models.DateTimeField(null=True)
    last_direction = models.CharField(max_length=3, blank=True)
    last_preview = models.CharField(max_length=120, blank=True)
    last_author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    last_sender = models.ForeignKey(Sender, on_delete=models.SET_NULL, null=True, related_name="+")
    waiting_since = models.DateTimeField(null=True)
    version = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=AppNow(), editable=False)

    objects = OwnedManager.from_queryset(ConversationQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = (
            key_for_children("messaging_conversation_key"),
            models.UniqueConstraint(
                fields=["customer", "candidate", "team"],
                name="messaging_conversation_one_thread",
                nulls_distinct=False,
            ),
        )
        indexes = (
            # Needs reply: longest wait first. The badges: also of threads without owner.
            models.Index(
                fields=["customer", "owner", "waiting_since", "id"],
                condition=Q(state="open", last_direction="in"),
                name="messaging_thread_needs_reply",
            ),
            # Waiting for them: newest first.
            models.Index(
                fields=["owner", "-last_message_at", "-id"],
                condition=Q(state="open", last_direction="out"),
                name="messaging_thread_waiting",
            ),
            # All of one's own: newest first, also those without a text.
            models.Index(
                F("owner"),
                Coalesce("last_message_at", "created_at").desc(),
                F("id").desc(),
                name="messaging_thread_mine",
            ),
            # Nobody's: newest first.
            models.Index(
                fields=["customer", "-last_message_at", "-id"],
                condition=Q(state="open", owner__isnull=True),
                name="messaging_thread_nobody",
            ),
            # Team Inbox: newest first, all owners.
            models.Index(
                fields=["customer", "-last_message_at", "-id"], name="messaging_thread_everyone"
            ),
        )

    def __str__(self) -> str:
        return f"thread {self.id}"


class ReadMark(models.Model):
    """How far one person has read one thread."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="marks")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    objects = OwnedManager["ReadMark"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "user"], name="messaging_readmark_once"
            ),
        )

    def __str__(self) -> str:
        return f"read until {self.read_at:%Y-%m-%d %H:%M}"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: Viewer) -> "MessageQuerySet":
        """Every text of the viewer's customer, as every thread is."""
        return self.filter(customer=viewer.customer)

    def outbound(self) -> "MessageQuerySet":
        return self.filter(direction=Message.OUT)

    def inbound(self) -> "MessageQuerySet":
        return self.filter(direction=Message.IN)

    def not_sent(self) -> "MessageQuerySet":
        """Texts whose author should know that they did not go."""
        return self.filter(state__in=status.NOT_SENT)


class Message(models.Model):
    """One text, in or out. Its id is the browser's, so a double click is harmless.

    ``licensee`` is the licensed seat's person it stands for, ``author`` who pressed Send.
    ``contact_key`` and ``decided_at`` are written at the claim under the person's lock and
    never change afterwards. ``verdict`` is the gate's explanation. Amounts in segments.
    ``created_at`` is the place in the thread: of a text that came late, the provider's
    instant, and then ``recovered_at`` is when it was found (docs/decisions/0013).
    """

    OUT, IN = "out", "in"
    TYPED, CAMPAIGN, AUTOMATIC, API, COMPLIANCE = (
        "typed", "campaign", "automatic", "api", "compliance",
    )  # fmt: skip
    REPLY, BULK = 0, 1

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The row is written three times on its way out, and each index and each key costs every
    # time. Where a composite key holds the relation, Django's own key is left out, and so is
    # its index where another one begins with the same column.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,
        db_constraint=False,
    )
    candidate = models.ForeignKey(
        Candidate,
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,
        db_constraint=False,
    )
    address = models.ForeignKey(
        Address,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    contact_key = models.UUIDField(null=True)
    direction = models.CharField(max_length=3)
    kind = models.CharField(max_length=12, default=TYPED)
    channel = models.CharField(max_length=20, default="sms")
    sender = models.ForeignKey(
        Sender,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    sender_team_path = ArrayField(models.UUIDField(), default=list)
    author = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    licensee = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    optout = models.ForeignKey(
        OptOut,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    body = models.TextField(null=True)  # noqa: DJ001 - null once purged
    segments = models.PositiveSmallIntegerField(default=0)
    encoding = models.CharField(max_length=5, blank=True)
    priority = models.PositiveSmallIntegerField(default=REPLY)

    state = models.CharField(max_length=12)
    state_changed_at = models.DateTimeField(db_default=AppNow())
    due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    verdict = models.JSONField(null=True)
    error_code = models.CharField(max_length=12, blank=True)
    error_sentence = models.CharField(max_length=200, blank=True)

    provider = models.CharField(max_length=20, blank=True)
    account = models.ForeignKey(
        ProviderAccount,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    provider_sid = models.CharField(max_length=64, null=True)  # noqa: DJ001 - unique when known
    idempotency_key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - as above
    created_at = models.DateTimeField(db_default=AppNow())
    decided_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    recovered_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(MessageQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = (
            key_for_children("messaging_message_key"),
            models.UniqueConstraint(
                fields=["account", "provider_sid"],
                condition=Q(provider_sid__isnull=False),
                name="messaging_message_one_provider_id",
            ),
            models.UniqueConstraint(
                fields=["customer", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="messaging_message_idempotent",
            ),
            models.UniqueConstraint(
                fields=["customer", "contact_key"],
                condition=Q(state__in=status.IN_FLIGHT),
                name="messaging_message_one_in_flight",
            ),
            models.CheckConstraint(
                name="messaging_message_known_state", condition=Q(state__in=status.STATES)
            ),
            models.CheckConstraint(
                name="messaging_message_direction",
                condition=Q(direction="in", state="received") | Q(direction="out"),
            ),
            models.CheckConstraint(
                name="messaging_message_decided",
                condition=~Q(direction="out", state__in=(*status.IN_FLIGHT, *status.LEFT))
                | Q(contact_key__isnull=False, decided_at__isnull=False, sender__isnull=False),
            ),
            models.CheckConstraint(
                name="messaging_message_accepted",
                condition=~Q(direction="out", state__in=status.LEFT) | Q(accepted_at__isnull=False),
            ),
        )
        indexes = (
            # The pump: each sender's queue, replies before bulk, oldest first.
            models.Index(
                fields=["sender", "priority", "due_at", "id"],
                condition=Q(state="queued"),
                name="messaging_message_queue",
            ),
            # The pump: what else is under way to this person? STOP: what waits for them?
            models.Index(
                fields=["candidate", "state"],
                condition=Q(state__in=status.UNDER_WAY),
                name="messaging_message_person",
            ),
            # The sweeps: held ones to release.
            models.Index(
                fields=["due_at"], condition=Q(state="held"), name="messaging_message_held"
            ),
            # The sweeps: what has waited longer than it is worth sending.
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=("held", "queued")),
                name="messaging_message_expiring",
            ),
            # The thread page, and its older texts.
            models.Index(
                fields=["conversation", "-created_at", "-id"], name="messaging_message_thread"
            ),
            # What came late, for the thread's summary.
            models.Index(
                fields=["conversation", "-recovered_at"],
                condition=Q(recovered_at__isnull=False),
                name="messaging_message_recovered",
            ),
            # The folder Not sent.
            models.Index(
                fields=["licensee", "-created_at"],
                condition=Q(direction="out", state__in=status.NOT_SENT),
                name="messaging_message_not_sent",
            ),
            # Reports and the API, newest first.
            models.Index(
                fields=["customer", "-created_at", "-id"], name="messaging_message_newest"
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction} {self.state} {self.id}"


class Attempt(models.Model):
    """One handing of a text to the provider. Its id travels in the callback address.

    ``wire_at`` is read just before the socket; ``finished_at`` is empty while unknown.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    message = models.ForeignKey(
        Message,
        on_delete=models.CASCADE,
        related_name="attempts",
        db_index=False,
        db_constraint=False,
    )
    number = models.PositiveSmallIntegerField()
    claimed_at = models.DateTimeField()
    wire_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    provider_sid = models.CharField(max_length=64, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    error_code = models.CharField(max_length=12, blank=True)
    looked_up_at = models.DateTimeField(null=True)
    lookups = models.PositiveSmallIntegerField(default=0)

    objects = OwnedManager["Attempt"]()

    class Meta:
        default_permissions = ()
        constraints = (
            key_for_children("messaging_attempt_key"),
            models.UniqueConstraint(fields=["message", "number"], name="messaging_attempt_number"),
        )

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome or 'open'}"


class Receipt(models.Model):
    """What the provider reported about a text: stored once, applied forward only."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="+")
    attempt_id = models.UUIDField(null=True)
    provider_sid = models.CharField(max_length=64)
    status = models.CharField(max_length=24)
    error_code = models.CharField(max_length=12, blank=True)
    body = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=AppNow())
    applied_at = models.DateTimeField(null=True)
    parked = models.BooleanField(default=False)

    objects = OwnedManager["Receipt"]()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["account", "provider_sid", "status", "error_code"],
                name="messaging_receipt_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["received_at"],
                condition=Q(applied_at__isnull=True, parked=False),
                name="messaging_receipt_waiting",
            ),
            # The sweeps: has a parked one's text been found meanwhile?
            models.Index(
                fields=["account", "provider_sid"],
                condition=Q(applied_at__isnull=True, parked=True),
                name="messaging_receipt_parked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.status} for {self.provider_sid}"
