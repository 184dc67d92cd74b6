"""One report on an answer, and what lets HR read a question."""

import time
from typing import TYPE_CHECKING, Any

from django.test import Client

from audit import reasons
from hr.models import Employee
from hr.signin import marks
from retrieval.models import AnswerTrace, Feedback, Query
from retrieval.tests import stories
from tenants.models import Tenant

if TYPE_CHECKING:
    from ragsite.tests.matrix.world import World

# As the admin's models call them.
NAMES = ("feedback",)


def reported(employee: Employee, **values: Any) -> dict[str, Any]:
    """A judgement of an answer that this person got."""
    query = stories.make_answer(employee=employee, question="A question that was judged?")
    return {"feedback": Feedback.objects.create(query=query, rating="down", comment="Wrong.", **values).pk}


def shared_with_hr(world: "World") -> dict[str, Any]:
    """The company lets HR read what is shared; alice shared her question, and says why she reads."""
    own = world.personal["alice"]
    Tenant.objects.filter(pk=world.acme.pk).update(hr_reading=Tenant.HrReading.SHARED)
    Query.objects.filter(pk=own["query"]).update(lane=Query.Lane.SHARED)
    alice = world.people["alice"].employee
    assert alice is not None
    client = Client(headers={"host": "acme.localhost"})
    client.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    session = client.session
    session[marks.CONFIRMED_AT] = session[marks.SECOND_FACTOR_AT] = time.time()
    session[reasons.SESSION_KEY] = {
        "reason": "for the route matrix",
        "until": "2999-01-01T00:00:00+00:00",
        "user": alice.user_id,
    }
    session.save()
    return {"session": client.cookies["ragsite_session"].value, "conversation": own["conversation"]}


def shared_and_searched(world: "World") -> dict[str, Any]:
    """The same, of a question for which the documents were searched."""
    AnswerTrace.objects.create(
        query_id=world.personal["alice"]["query"],
        channel="page",
        scope={},
        scope_digest="0",
        threshold_source="installation",
        generation=1,
    )
    return shared_with_hr(world)
