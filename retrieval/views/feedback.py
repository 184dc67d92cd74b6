"""Thumbs and a comment."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from hr.pages import employee_page
from retrieval import services
from retrieval.forms import FeedbackForm
from retrieval.models import Query


@require_POST
@employee_page
def feedback(request: HttpRequest, query_id: UUID) -> HttpResponse:
    """Keep a judgement, then back to the answer; a script gets the small part of the page that changed."""
    scope = request.scope  # type: ignore[attr-defined]
    query = Query.objects.owned_by(scope).select_related("trace").filter(pk=query_id).first()
    if query is None:
        raise Http404
    form = FeedbackForm(request.POST)
    kept = None
    if form.is_valid():
        try:
            kept = services.give_feedback(query_id=query_id, scope=scope, **form.cleaned_data)
        except services.QueryNotFound:
            raise Http404 from None
        except services.NotShareable:
            return render(request, "errors/400.html", status=400)
        query.lane = kept.query.lane
    if request.headers.get("X-Part") == "feedback":
        page = {"query": query, "feedback": kept, "form": form, "said_thanks": kept is not None}
        return render(request, "retrieval/_feedback.html", page, status=200 if kept else 422)
    if kept is None:
        return render(request, "errors/400.html", status=400)
    return redirect(reverse("conversation", kwargs={"conversation_id": query.conversation_id}) + f"#a-{query_id}")
