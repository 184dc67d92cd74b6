"""A person's own conversations."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hr.pages import employee_page
from retrieval import services
from retrieval.forms import QuestionForm, RenameForm
from retrieval.models import Conversation, Query
from retrieval.services import conversations
from retrieval.views import shown, standpoints
from retrieval.views.asking import answer_form

CONVERSATIONS_PER_PAGE = 25
# Questions on one page of a conversation; older ones are one click away.
QUESTIONS_PER_PAGE = 20


@require_safe
@employee_page
def conversation_list(request: HttpRequest) -> HttpResponse:
    """All of them, the latest first."""
    own = Conversation.objects.owned_by(request.scope).order_by("-updated_at", "pk")  # type: ignore[attr-defined]
    page = Paginator(own, CONVERSATIONS_PER_PAGE).get_page(request.GET.get("page"))
    conversations.record_list(scope=request.scope, count=len(page.object_list))  # type: ignore[attr-defined]
    return render(request, "retrieval/conversation_list.html", {"page": page, "is_list": True})


@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Questions and answers, the newest at the bottom, and a box to ask on."""
    found = _own(request, conversation_id)
    if request.method == "POST":
        page = _page_of(request, found)
        return answer_form(
            request,
            template="retrieval/conversation.html",
            page=page,
            conversation_id=found.pk,
            before_showing=lambda: conversations.record_reading(conversation_id=found.pk, answers=len(page["answers"])),
        )
    page = _page_of(request, found)
    # Whoever kept the last question private goes on like that, unless they say otherwise.
    is_private = bool(page["answers"]) and page["answers"][-1].query.lane == Query.Lane.PRIVATE
    form = QuestionForm(initial={"conversation_id": found.pk, "keep_private": is_private})
    conversations.record_reading(conversation_id=found.pk, answers=len(page["answers"]))
    return render(request, "retrieval/conversation.html", page | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def rename_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Another title."""
    found = _own(request, conversation_id)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"title": found.title})
    if form.is_valid():
        try:
            services.rename_conversation(conversation_id=conversation_id, scope=request.scope, **form.cleaned_data)  # type: ignore[attr-defined]
        except services.ConversationNotFound:
            raise Http404 from None
        return redirect("conversation", conversation_id=conversation_id)
    page = {"form": form, "conversation": found}
    return render(request, "retrieval/rename.html", page, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def delete_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Asks once, then deletes."""
    found = _own(request, conversation_id)
    if request.method == "POST":
        try:
            services.delete_conversation(conversation_id=conversation_id, scope=request.scope)  # type: ignore[attr-defined]
        except services.ConversationNotFound:
            raise Http404 from None
        messages.success(request, "The conversation is deleted.")
        return redirect("conversation-list")
    return render(request, "retrieval/delete.html", {"conversation": found})


def _own(request: HttpRequest, conversation_id: UUID) -> Conversation:
    """This person's conversation; missing and foreign are the same 404."""
    own = Conversation.objects.owned_by(request.scope).filter(pk=conversation_id).first()  # type: ignore[attr-defined]
    if own is None:
        raise Http404
    return own


def _page_of(request: HttpRequest, found: Conversation) -> dict[str, Any]:
    """The part of a conversation that `?page=` names; without it the last one. 4 queries however many answers."""
    scope = request.scope  # type: ignore[attr-defined]
    queries = Query.objects.owned_by(scope).filter(conversation=found)
    # Counted from the newest, so that the last page is always full and addresses of it stay short.
    pages = Paginator(queries.order_by("-asked_at", "pk"), QUESTIONS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    page.object_list = (
        page.object_list.select_related("feedback", "record__subject_key", "trace")  # type: ignore[attr-defined]
        .defer("candidates", "trace__candidates")
        .prefetch_related("citations")
    )
    answers = shown.show(queries=reversed(list(page)), scope=scope)
    return {
        "conversation": found,
        "answers": answers,
        "page": page,
        "max_chars": settings.MAX_QUESTION_CHARS,
        **standpoints.choices(employee=request.employee),  # type: ignore[attr-defined]
    }
