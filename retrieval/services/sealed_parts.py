"""What an answer holds of a person's record, and what they wrote about something sensitive: sealed under their key."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from hr import keys, subject_keys
from retrieval.models import AnswerRecord, Query
from retrieval.tools import results
from retrieval.tools.results import ToolResult
from retrieval.topics.texts import ApprovedText

VERSION = 1


@dataclass(frozen=True)
class SealedParts:
    """`question` is the text of a sensitive message, which stands nowhere else; `unanswered` what the documents did not
    say of a question with two parts. `is_readable` is False when the key is
    gone or not configured: then everything else is empty."""

    question: str = ""
    unanswered: str = ""
    results: tuple[ToolResult, ...] = ()
    approved: ApprovedText | None = None
    is_readable: bool = True


def seal(*, query: Query, parts: SealedParts) -> None:
    """Keep the parts of a new answer, inside the transaction that stores it.

    :raises hr.keys.KeyUnavailable: one of its kinds, when nothing can be sealed.
    """
    key = subject_keys.current_keys(employees=[query.employee])[query.employee_id]
    AnswerRecord.objects.create(query=query, employee=query.employee, subject_key=key, content=_content(parts))


def replace_result(*, query: Query, old: str, new: ToolResult) -> None:
    """Put what a confirmation did in the place of the proposal `old` (its id)."""
    with transaction.atomic():
        row = AnswerRecord.objects.select_related("subject_key").select_for_update(of=("self",)).get(query=query)
        content = row.content
        content["parts"] = [
            results.to_json(new) if part.get("proposal_id") == old else part for part in content["parts"]
        ]
        row.content = content
        row.save(update_fields=["content"])


def opened(query: Query) -> SealedParts | None:
    """The parts of a stored answer; None when it has none. No query when `record__subject_key` was selected."""
    record = getattr(query, "record", None)
    if record is None:
        return None
    try:
        content = record.content
    except keys.KeyUnavailable:
        return SealedParts(is_readable=False)
    approved = content.get("approved")
    return SealedParts(
        question=content.get("question", ""),
        unanswered=content.get("unanswered", ""),
        results=tuple(results.from_json(part) for part in content.get("parts", ())),
        approved=ApprovedText(**{**approved, "paragraphs": tuple(approved["paragraphs"])}) if approved else None,
    )


def _content(parts: SealedParts) -> dict[str, Any]:
    return {
        "version": VERSION,
        "question": parts.question,
        "unanswered": parts.unanswered,
        "parts": [results.to_json(result) for result in parts.results],
        "approved": asdict(parts.approved) if parts.approved else None,
    }
