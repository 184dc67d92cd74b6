"""What tools were called with which outcome, what waits for a click, and what an answer holds of a person's record."""

import uuid

from django.db import models
from django.db.models import F, Q

from hr.fields import EncryptedJSON
from retrieval.models.conversations import Query


class ToolCall(models.Model):
    """One call of a tool, allowed or refused. The arguments are kept as a keyed digest only.

    It is written before its question is stored, and stays when the conversation is deleted.
    """

    class Outcome(models.TextChoices):
        DONE = "done", "Read"
        EMPTY = "empty", "Nothing on record"
        ASKED = "asked", "Asked back"
        PROPOSED = "proposed", "Waits for a click"
        EXECUTED = "executed", "Done after a click"
        DENIED = "denied", "Refused"
        UNAVAILABLE = "unavailable", "Could not be read"

    # No constraint in the database: the row of the question comes later, in the transaction that stores the answer.
    query = models.ForeignKey(
        Query, on_delete=models.SET_NULL, null=True, db_constraint=False, related_name="tool_calls"
    )
    employee = models.ForeignKey("hr.Employee", on_delete=models.CASCADE, related_name="tool_calls")
    tool = models.CharField(max_length=64)
    arguments_digest = models.CharField(
        max_length=64, help_text="Keyed: it names the arguments and does not tell them."
    )
    is_allowed = models.BooleanField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reason = models.CharField(max_length=64, blank=True, help_text="A stable code when it was not simply done.")
    called_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "tool_calls"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["done", "empty", "asked", "proposed", "executed", "denied", "unavailable"]),
                name="tool_call_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(is_allowed=True) & ~Q(outcome="denied") | Q(is_allowed=False, outcome="denied"),
                name="tool_call_denied_means_not_allowed",
            ),
        ]

    class Privacy:
        erase = {"employee": "goes with the person", "query": "whose it is"}
        keep = dict.fromkeys(
            "id tool arguments_digest is_allowed outcome reason called_at".split(), "not identifying by itself"
        )

    def __str__(self) -> str:
        return f"{self.tool}, {self.outcome}"


class ToolProposal(models.Model):
    """Something that a tool would write, waiting for the click of the one person it was shown to."""

    class State(models.TextChoices):
        PENDING = "pending", "Waits for a click"
        DONE = "done", "Done"
        REFUSED = "refused", "Not possible any more"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    query = models.ForeignKey(Query, on_delete=models.CASCADE, db_constraint=False, related_name="proposals")
    employee = models.ForeignKey("hr.Employee", on_delete=models.CASCADE, related_name="tool_proposals")
    tool = models.CharField(max_length=64)
    arguments = models.JSONField()
    digest = models.CharField(max_length=64, help_text="Keyed, over id, person, question, tool and arguments.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tool_proposals"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "done", "refused"]), name="tool_proposal_state_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="tool_proposal_expires_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="tool_proposal_decided_at_some_time",
            ),
        ]

    class Privacy:
        erase = {
            "employee": "goes with the person",
            "query": "whose it is",
            "arguments": "personal record",
        }
        keep = dict.fromkeys("id tool digest state created_at expires_at decided_at".split(), "state")

    def __str__(self) -> str:
        return f"{self.tool}, {self.state}"


class AnswerRecord(models.Model):
    """What an answer holds of a person's own record, or of what they wrote about something sensitive.

    Sealed under the person's data key, so that neither a database dump nor a console page tells it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    query = models.OneToOneField(Query, on_delete=models.CASCADE, related_name="record")
    employee = models.ForeignKey("hr.Employee", on_delete=models.CASCADE, related_name="answer_records")
    subject_key = models.ForeignKey("hr.SubjectKey", on_delete=models.PROTECT, related_name="answer_records")
    content = EncryptedJSON(help_text="{version, question, parts, sensitive}: see retrieval.services.sealed_parts.")

    class Meta:
        db_table = "answer_records"

    class Privacy:
        erase = {
            "query": "whose it is",
            "employee": "goes with the person",
            "content": "sealed; unreadable once the subject's key is destroyed",
        }
        keep = {"id": "random", "subject_key": "key name"}

    def __str__(self) -> str:
        return f"Record of answer {self.query_id}"
