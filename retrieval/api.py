"""Questions for programs: search, ask, ask with a streamed answer, judge an answer."""

from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from hr.tokens.authentication import PersonRequest
from retrieval import services
from retrieval.answer_serializers import AnswerRecordV1, LaneRequestV1, LaneV1, answer_record
from retrieval.eventstream import EventStream
from retrieval.models import Query
from retrieval.readers import readers_of
from retrieval.serializers import (
    EventV1,
    FeedbackRequestV1,
    FeedbackV1,
    ProposalConfirmRequestV1,
    QueryRequestV1,
    QueryResponseV1,
    RecordPartV1,
    SearchRequestV1,
    SearchResponseV1,
    answered,
    record_part,
    searched,
    standpoint_of,
)
from tenants.machines.scopes import PEOPLE_ONLY

_QUESTION = {"question": "How many days of parental leave do I get?"}
_STREAM_EXAMPLE = (
    "event: search_results\n"
    'data: {"results": [{"rank": 1, "title": "Parental leave", "...": "..."}]}\n\n'
    "event: token\n"
    'data: {"text": "You get 84 days of parental leave. "}\n\n'
    "event: citation\n"
    'data: {"n": 1, "title": "Parental leave", "page": 2, "...": "..."}\n\n'
    "event: final\n"
    'data: {"id": "...", "outcome": "answered", "answer": "...", "...": "..."}\n\n'
)


class SearchView(APIView):
    api_scope = "search"

    # Limited like every call, not like a question: it costs milliseconds and no language model.
    @extend_schema(
        operation_id="search",
        tags=["questions"],
        request=SearchRequestV1,
        responses=SearchResponseV1,
        examples=[OpenApiExample("Search", value={**_QUESTION, "limit": 5}, request_only=True)],
    )
    def post(self, request: PersonRequest) -> Response:
        """The passages that answer best, of documents that this person may read."""
        body = SearchRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        standpoint = standpoint_of(body.validated_data)
        found = services.find(employee=request.employee, standpoint=standpoint, **body.validated_data)
        return Response(searched(found))


class QueryView(APIView):
    api_scope = PEOPLE_ONLY
    throttle_scope = "questions"

    @extend_schema(
        operation_id="query",
        tags=["questions"],
        request=QueryRequestV1,
        responses=QueryResponseV1,
        examples=[OpenApiExample("Ask", value=_QUESTION, request_only=True)],
    )
    def post(self, request: PersonRequest) -> Response:
        """A cited answer, or the honest `abstained` with the nearest sources and whom to ask."""
        body = QueryRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        standpoint = standpoint_of(body.validated_data)
        answer = services.ask(employee=request.employee, standpoint=standpoint, channel="api", **body.validated_data)
        return Response(answered(answer))


class QueryStreamView(APIView):
    api_scope = PEOPLE_ONLY
    throttle_scope = "questions"

    @extend_schema(
        operation_id="queryStream",
        tags=["questions"],
        request=QueryRequestV1,
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                EventV1,
                description=(
                    "Server-sent events; `data` is one JSON object each. `tool` RecordPartV1, "
                    "`search_results` {results: PassageV1[]}, "
                    "`token` {text}, `citation` CitationV1, `final` QueryResponseV1, or `error` in the shape of all "
                    "errors. `final` replaces every token before it; nothing follows `final` or `error`."
                ),
            )
        },
        examples=[
            OpenApiExample("Ask", value=_QUESTION, request_only=True),
            OpenApiExample(
                "Stream",
                value=_STREAM_EXAMPLE,
                response_only=True,
                media_type="text/event-stream",
                status_codes=["200"],
            ),
        ],
    )
    def post(self, request: PersonRequest) -> StreamingHttpResponse:
        """The same as `query`, told as it happens."""
        body = QueryRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        # Bad input raises here, before the first byte; what fails later becomes an error event.
        standpoint = standpoint_of(body.validated_data)
        events = services.ask_streaming(
            employee=request.employee, standpoint=standpoint, channel="api", **body.validated_data
        )
        response = StreamingHttpResponse(EventStream(events), content_type="text/event-stream; charset=utf-8")
        response["Cache-Control"] = "private, no-store"
        response["X-Accel-Buffering"] = "no"  # nginx would hold the events back
        return response


class AnswerRecordView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="readAnswerRecord", tags=["questions"], responses=AnswerRecordV1)
    def get(self, request: PersonRequest, query_id: UUID) -> Response:
        """How the answer to one's own question came about: what was looked at, with its scores, and what was said."""
        query = services.own_query(query_id=query_id, scope=request.scope)
        explanation = services.open_explanation(query=query, viewer=request.scope)
        return Response(answer_record(query=query, explanation=explanation))


class ReadersView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="chooseReaders", tags=["questions"], request=LaneRequestV1, responses=LaneV1)
    def post(self, request: PersonRequest, query_id: UUID) -> Response:
        """Say who may read one's own question besides oneself."""
        body = LaneRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        query = services.choose_lane(query_id=query_id, scope=request.scope, **body.validated_data)
        return Response({"query_id": str(query_id), "lane": query.lane, "readers": readers_of(query).text})


class FeedbackView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="giveFeedback", tags=["questions"], request=FeedbackRequestV1, responses=FeedbackV1)
    def post(self, request: PersonRequest, query_id: UUID) -> Response:
        """Judge an answer to one's own question; a second judgement replaces the first."""
        body = FeedbackRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        feedback = services.give_feedback(query_id=query_id, scope=request.scope, **body.validated_data)
        return Response(
            {
                "query_id": str(query_id),
                "rating": feedback.rating,
                "comment": feedback.comment,
                "is_hallucination": feedback.is_hallucination,
                "share": feedback.query.lane == Query.Lane.SHARED,
            }
        )


class ProposalConfirmView(APIView):
    api_scope = PEOPLE_ONLY
    throttle_scope = "questions"

    @extend_schema(
        operation_id="confirmProposal",
        tags=["questions"],
        request=ProposalConfirmRequestV1,
        responses=RecordPartV1,
    )
    def post(self, request: PersonRequest, proposal_id: UUID) -> Response:
        """Do what was proposed to this person: once, within 15 minutes, and with nothing changed."""
        body = ProposalConfirmRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        result = services.confirm(proposal_id=proposal_id, employee=request.employee, **body.validated_data)
        return Response(record_part(result))
