"""The ask box: a plain form that leads to the conversation, or the same question with its answer streamed."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from audit import actors
from hr.access import ProfileNotAllowed, Scope
from hr.models import Employee
from hr.pages import employee_page
from retrieval import services
from retrieval.answers import Event, Standpoint
from retrieval.forms import EMPTY_TEXT, FUTURE_TEXT, QuestionForm, too_long_text
from retrieval.models import Conversation, Query
from retrieval.services import asking
from retrieval.views import shown, standpoints
from tenants import context
from tenants.models import Tenant

log = structlog.get_logger(__name__)

UNAVAILABLE_TEXT = "The search is not available right now. Your question is kept below; please try again in a minute."
FAILED_TEXT = "The answer could not be recorded, so it is not given. Please try again."


@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def home(request: HttpRequest) -> HttpResponse:
    """The ask box with suggestions; a question that is sent begins a conversation."""
    if request.method == "POST":
        return answer_form(request, template="retrieval/home.html", page=_home_page(request), conversation_id=None)
    return render(request, "retrieval/home.html", _home_page(request) | {"form": QuestionForm()})


def answer_form(
    request: HttpRequest,
    *,
    template: str,
    page: Mapping[str, Any],
    conversation_id: UUID | None,
    before_showing: Callable[[], None] = lambda: None,
) -> HttpResponse:
    """Answer the sent question and go to it in its conversation; or show `template` again with what was wrong.

    The text is kept in the form. `before_showing` records what the template shows.
    """
    form = QuestionForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            answer = services.ask(
                question=form.cleaned_data["question"],
                employee=request.employee,  # type: ignore[attr-defined]
                conversation_id=conversation_id,
                standpoint=form.standpoint(),
                keep_private=form.cleaned_data["keep_private"],
            )
            conversation = reverse("conversation", kwargs={"conversation_id": answer.conversation_id})
            return redirect(f"{conversation}#a-{answer.query_id}")
        except services.QuestionEmpty:
            form.add_error("question", EMPTY_TEXT)
        except services.QuestionTooLong:
            form.add_error("question", too_long_text(len(form.cleaned_data["question"])))
        except services.AsOfInFuture:
            form.add_error("as_of", FUTURE_TEXT)
        except (services.ConversationNotFound, ProfileNotAllowed):
            raise Http404 from None
        except services.SearchUnavailable:
            form.add_error("question", UNAVAILABLE_TEXT)
            status = 503
        except services.AskFailed:
            form.add_error("question", FAILED_TEXT)
            status = 503
    before_showing()
    response = render(request, template, {**page, "form": form}, status=status)
    if status == 503:
        response["Retry-After"] = "30"
    return response


@require_POST
@employee_page
def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The same, as server-sent events: tool, search_results, token, final (with the answer's HTML) or error."""
    form = QuestionForm(request.POST)
    if not form.is_valid():
        errors = form.errors.get("question") or form.errors.get("as_of") or ["This question cannot be asked."]
        return JsonResponse({"detail": errors[0]}, status=422)
    try:
        asking.reach_of(employee=request.employee, standpoint=form.standpoint())  # type: ignore[attr-defined]
    except services.AsOfInFuture:
        return JsonResponse({"detail": FUTURE_TEXT}, status=422)
    except ProfileNotAllowed:
        raise Http404 from None
    conversation_id = form.cleaned_data["conversation_id"]
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if conversation_id and not Conversation.objects.owned_by(scope).filter(pk=conversation_id).exists():
        return JsonResponse({"detail": "This conversation is gone. Please begin a new one."}, status=404)
    events = _told(
        _Asking(
            question=form.cleaned_data["question"],
            employee=request.employee,  # type: ignore[attr-defined]
            scope=scope,
            conversation_id=conversation_id,
            standpoint=form.standpoint(),
            keep_private=form.cleaned_data["keep_private"],
            request=request,
        )
    )
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    return response


class _Asking:
    """A running question. Its body is read after the middleware has left the tenant, so every step enters it again."""

    def __init__(
        self,
        *,
        question: str,
        employee: Employee,
        scope: Scope,
        conversation_id: UUID | None,
        standpoint: Standpoint,
        keep_private: bool,
        request: HttpRequest,
    ) -> None:
        self.question, self.employee, self.conversation_id = question, employee, conversation_id
        self.standpoint, self.keep_private = standpoint, keep_private
        self.scope, self.request = scope, request
        self.tenant: Tenant = context.current_tenant()
        self.actor = actors.current_actor()
        self._events: Iterator[Event] | None = None

    def next_told(self) -> str | None:
        """The next event in the stream's own words; None at the end. An event that people need not see is ''."""
        with context.enter(self.tenant), actors.acting_as(self.actor):
            if self._events is None:
                self._events = iter(
                    services.ask_streaming(
                        question=self.question,
                        employee=self.employee,
                        conversation_id=self.conversation_id,
                        standpoint=self.standpoint,
                        keep_private=self.keep_private,
                    )
                )
            event = next(self._events, None)
            return None if event is None else self._tell(event)

    def close(self) -> None:
        close = getattr(self._events, "close", None)
        if close is not None:
            with context.enter(self.tenant), actors.acting_as(self.actor):
                close()

    def _tell(self, event: Event) -> str:
        if event.kind == "tool":
            return _sse("tool", {"title": event.data["result"].title})
        if event.kind == "search_results":
            titles = dict.fromkeys(passage.title for passage in event.data["passages"])
            return _sse("search_results", {"titles": list(titles)[:3], "count": len(event.data["passages"])})
        if event.kind == "token":
            return _sse("token", {"text": event.data["text"]})
        if event.kind == "error":
            return _sse("error", {"detail": _error_text(event.data.get("code", ""), event.data.get("detail", ""))})
        if event.kind == "final":
            return _sse("final", self._final(event.data["answer"].query_id))
        return ""

    def _final(self, query_id: UUID) -> dict[str, str]:
        """Exactly what the conversation page shows for this answer."""
        queries = Query.objects.owned_by(self.scope).filter(pk=query_id)
        query = (
            queries.select_related("feedback", "conversation", "record__subject_key", "trace")
            .prefetch_related("citations")
            .get()
        )
        [answer] = shown.show(queries=[query], scope=self.scope)
        return {
            "html": render_to_string("retrieval/_answer.html", {"answer": answer, "tenant": self.tenant}, self.request),
            "anchor": answer.anchor,
            "conversation_id": str(query.conversation_id),
            "url": reverse("conversation", kwargs={"conversation_id": query.conversation_id}),
            "title": query.conversation.title,
        }


def _told(asking: _Asking) -> Iterator[str]:
    try:
        while (told := asking.next_told()) is not None:
            if told:
                yield told
    except services.ConversationNotFound:
        yield _sse("error", {"detail": "This conversation is gone. Please begin a new one."})
    except (services.QuestionEmpty, services.QuestionTooLong):
        yield _sse("error", {"detail": "This question cannot be asked. Please word it differently."})
    except services.SearchUnavailable:
        yield _sse("error", {"detail": _error_text("search_unavailable", "")})
    except Exception as error:  # the status line has long been sent: the page has to hear of it in the stream
        log.error("ask_stream_failed", error=type(error).__name__)
        yield _sse("error", {"detail": _error_text("", "")})
    finally:
        asking.close()


def _error_text(code: str, detail: str) -> str:
    if code in ("search_unavailable", "unavailable"):
        return "The search is not available right now. Please try again in a minute."
    return detail or "Something went wrong on our side. Please try again."


def _sse(kind: str, data: Mapping[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"


def _home_page(request: HttpRequest) -> dict[str, Any]:
    suggested = [text for text in context.current_tenant().suggested_questions if isinstance(text, str)]
    return {
        "suggested_questions": suggested[:6],
        "is_home": True,
        "max_chars": settings.MAX_QUESTION_CHARS,
        **standpoints.choices(employee=request.employee),  # type: ignore[attr-defined]
    }
