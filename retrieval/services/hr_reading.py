"""Who besides its asker may read a question: HR, where the company's rule and the asker's lane both allow it.

- The company's rule (`Tenant.hr_reading`): never (unless it says otherwise), what was shared, or with a reason.
- The asker's lane (`Query.lane`): as the company's rule says, shared with HR, or kept private.
- A rule does not reach back: `Query.hr_reading` is the rule that the asker was told, and a stricter one stays.
- A message on something sensitive is read by nobody else, whatever the rule and whoever asks.
- Where nothing was searched (greetings, one's own record) the rule alone opens nothing either: there is nothing to
  learn about the documents, and a sensitive message looks no different from these.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit import services as audit
from hr import access
from hr.models import Employee
from retrieval.models import Query
from tenants import context
from tenants.models import Tenant

Rule = Tenant.HrReading
Lane = Query.Lane


class NotForHr(PermissionError):
    """This question is not for HR, or the person is not of HR. The same for every cause."""

    def __init__(self) -> None:
        super().__init__("This question is between the person who asked and the assistant.")


@dataclass(frozen=True)
class Opened:
    """The questions of one conversation that HR may read, oldest first."""

    conversation_id: UUID
    asker: Employee
    queries: tuple[Query, ...]


def rule_in_words() -> str:
    """The current company's rule, for staff."""
    return {
        Rule.NEVER: "This company lets HR read no questions.",
        Rule.SHARED: "HR may read what its asker shared, with a reason.",
        Rule.REASON: "HR may read what its asker did not keep private, with a reason.",
    }[Rule(context.current_tenant().hr_reading)]


def readable() -> Q:
    """The condition on questions that HR may read now, under the current company's rule."""
    rule = context.current_tenant().hr_reading
    if rule == Rule.NEVER:
        return Q(pk__in=())
    allowed = Q(lane=Lane.SHARED)
    if rule == Rule.REASON:
        allowed |= Q(lane=Lane.COMPANY, hr_reading=Rule.REASON, trace__generation__isnull=False)
    return allowed & ~Q(outcome=Query.Outcome.SENSITIVE)


def is_readable(query: Query) -> bool:
    """The same for one question. No query when its `trace` was selected."""
    rule = context.current_tenant().hr_reading
    if rule == Rule.NEVER or query.outcome == Query.Outcome.SENSITIVE or query.lane == Lane.PRIVATE:
        return False
    if query.lane == Lane.SHARED:
        return True
    trace = getattr(query, "trace", None)
    was_searched = trace is not None and trace.generation is not None
    return rule == Rule.REASON and query.hr_reading == Rule.REASON and was_searched


def open_conversation(*, query_id: UUID, by: Employee, reason: str) -> Opened:
    """What HR may read of the conversation in which a question stands. Each opening leaves one audit row.

    :raises NotForHr: when it is not this person's to read; nothing but the refusal is recorded then.
    """
    query = Query.objects.select_related("trace", "employee").filter(pk=query_id).first()
    if query is None or not access.may_read_questions(by) or not is_readable(query):
        audit.record_refusal(verb="conversation.open_for_hr", target=f"query:{query_id}", reason=NotForHr.__name__)
        raise NotForHr
    with transaction.atomic():
        queries = (
            Query.objects.filter(readable(), conversation_id=query.conversation_id)
            .select_related("trace", "feedback")
            .prefetch_related("citations")
            .order_by("asked_at", "pk")
        )
        opened = tuple(queries)
        audit.record(
            verb="conversation.open_for_hr",
            target=f"conversation:{query.conversation_id}",
            reason=reason,
            details={"questions": len(opened), "query": str(query.pk), "asker": query.employee.actor_label},
        )
    return Opened(conversation_id=query.conversation_id, asker=query.employee, queries=opened)
