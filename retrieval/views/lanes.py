"""The asker's say in who may read a question."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from hr.pages import employee_page
from retrieval import services
from retrieval.forms import LaneForm


@require_POST
@employee_page
def lane(request: HttpRequest, query_id: UUID) -> HttpResponse:
    """Share a question with HR, or keep it private; then back to it. A script gets the part that changed."""
    form = LaneForm(request.POST)
    try:
        chosen = form.cleaned_data["lane"] if form.is_valid() else None
        scope = request.scope  # type: ignore[attr-defined]
        query = services.own_query(query_id=query_id, scope=scope)
        if chosen is None:
            return render(request, "errors/400.html", status=400)
        query = services.choose_lane(query_id=query_id, scope=scope, lane=chosen)
    except services.QueryNotFound:
        raise Http404 from None
    except services.NotShareable:
        return render(request, "errors/400.html", status=400)
    if request.headers.get("X-Part") == "feedback":
        page = {"query": query, "feedback": getattr(query, "feedback", None), "was_chosen": True}
        return render(request, "retrieval/_feedback.html", page)
    return redirect(reverse("conversation", kwargs={"conversation_id": query.conversation_id}) + f"#a-{query_id}")
