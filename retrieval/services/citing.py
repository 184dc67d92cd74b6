"""Which documents answers came from."""

from collections.abc import Collection
from uuid import UUID

from retrieval.models import Citation


def cited_documents(*, document_ids: Collection[UUID]) -> set[UUID]:
    """Those of the documents that some answer cited as a source, from whatever version. One query."""
    cited = Citation.objects.filter(document_id__in=list(document_ids), is_source=True)
    return set(cited.values_list("document_id", flat=True).distinct())
