"""Search on its own, for programs that read the passages themselves. It is an access to documents, so it is audited."""

import structlog

from audit import services as audit
from documents.services import accesses
from hr.models import Employee
from retrieval import generations
from retrieval.answers import SearchResult, Standpoint
from retrieval.marks import marks_of
from retrieval.search import search
from retrieval.services import asking
from retrieval.stores import StoreUnavailable

log = structlog.get_logger(__name__)


def find(*, question: str, employee: Employee, limit: int, standpoint: Standpoint | None = None) -> SearchResult:
    """The passages that answer `question` best among those that `employee` may read. Only the audit row is stored.

    :raises QuestionEmpty, QuestionTooLong: before anything is done.
    :raises AsOfInFuture, UnknownAttribute, hr.access.ProfileNotAllowed: when the standpoint cannot be taken.
    :raises SearchUnavailable: when nothing can be searched.
    """
    question = asking.clean_question(question)
    standpoint = standpoint or Standpoint()
    scope = asking.reach_of(employee=employee, standpoint=standpoint)
    try:
        result = search(question=question, scope=scope, limit=limit)
    except (StoreUnavailable, generations.NoLiveGeneration) as error:
        log.error("search_unavailable", error=type(error).__name__)
        raise asking.SearchUnavailable from error
    marks = marks_of(text=question, by=employee)
    shown = [accesses.Shown(one.document_id, one.version_id, one.chunk_id) for one in result.passages]
    audit.record_read(
        verb="search.run",
        digest=asking.digest_of(question),
        model_version=result.embed_model[:120],
        details={
            "passages": len(result.passages),
            "documents": sorted({str(passage.document_id) for passage in result.passages}),
            **asking.standpoint_details(standpoint=standpoint),
            **marks,
        },
        along=accesses.statements(shown=shown, how=accesses.How.SEARCH),
    )
    return result
