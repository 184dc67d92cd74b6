"""The company's words on sensitive topics: what is shown now, and HR's changes to it."""

from django.db import transaction

from audit import services as audit
from retrieval.models import SensitiveTopicText
from retrieval.topics.texts import DEFAULT_TEXTS, TITLES, ApprovedText, paragraphs_of
from tenants import context


def approved_text(*, topic: str) -> ApprovedText:
    """What a person reads now who writes about `topic`. One query.

    Where HR has written nothing, the product's words and the company's general contact stand in.
    """
    row = SensitiveTopicText.objects.filter(topic=topic).first() or SensitiveTopicText(topic=topic)
    return text_of(row)


def text_of(row: SensitiveTopicText) -> ApprovedText:
    """The same for a row that may not be saved yet. No query."""
    tenant = context.current_tenant()
    is_named = bool(row.contact_name or row.contact_email or row.contact_phone)
    return ApprovedText(
        topic=row.topic,
        title=TITLES[row.topic],
        paragraphs=paragraphs_of(row.text or DEFAULT_TEXTS[row.topic]),
        contact_name=row.contact_name if is_named else tenant.contact_name,
        contact_email=row.contact_email if is_named else tenant.contact_email,
        contact_phone=row.contact_phone,
    )


def save_text(*, row: SensitiveTopicText) -> None:
    """Put HR's words for a topic into force at once."""
    with transaction.atomic():
        row.save()
        audit.record(
            verb="topic.edit",
            target=f"topic:{row.topic}",
            details={"own_text": bool(row.text), "own_contact": bool(row.contact_name or row.contact_email)},
        )
