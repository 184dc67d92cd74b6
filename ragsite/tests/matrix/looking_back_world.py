"""A finding, a rule and an access for the matrix."""

from typing import Any

from django.utils import timezone

from audit.models import Finding, SuspicionRule
from documents.models import Document, DocumentAccess

NAMES = ("finding", "suspicionrule", "documentaccess")


def looked_back(*, document: Document, **values: Any) -> dict[str, Any]:
    """Of the current company. `values` may set the ids, away from those of the other company."""
    now = timezone.now()
    finding = Finding.objects.create(
        rule="token_reuse", subject="employee:1", first_at=now, last_at=now, count=1, found_at=now, **values
    )
    access = DocumentAccess.objects.create(at=now, actor="employee:1", document_id=document.pk, how="page", **values)
    # Every company has the same rules under the same numbers, so no number is another company's.
    rule = {} if values else {"suspicionrule": SuspicionRule.objects.order_by("pk").first().pk}  # type: ignore[union-attr]
    return {"finding": finding.pk, "documentaccess": access.pk, **rule}
