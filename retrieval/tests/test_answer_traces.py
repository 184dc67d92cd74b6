"""Each answer keeps how it came about: what was looked at, what became of it, and by which rules."""

import pytest
from django.db import IntegrityError, connection, transaction

from audit import services as audit
from hr import access
from retrieval import services, tracing
from retrieval.models import AnswerTrace, Chunk, Citation, Query
from retrieval.services import explaining, wording
from retrieval.tests.llm_server import running
from retrieval.tests.test_indexing_and_search import LEAVE, SALARIES, ingest

QUESTION = "How many days of parental leave do I get?"
OFF_TOPIC = "What is the boiling point of tungsten?"
SENSITIVE = "My boss keeps touching me and I do not know what to do."


def trace_of(answer):
    return AnswerTrace.objects.select_related("query").get(query_id=answer.query_id)


def explained(answer, viewer):
    query = Query.objects.select_related("trace").get(pk=answer.query_id)
    return explaining.explain(query=query, viewer=access.scope_of(viewer))


def test_candidates_are_kept_with_scores_fates_and_digests(in_acme, bob):
    ingest(LEAVE, "leave.md")

    answer = services.ask(question=QUESTION, employee=bob)

    candidates = tracing.read(trace_of(answer).candidates)
    cited = {citation.chunk_id for citation in Citation.objects.filter(query_id=answer.query_id)}
    digests = dict(Chunk.objects.values_list("pk", "digest"))
    assert {one.chunk_id for one in candidates if one.fate == tracing.CITED} == cited
    assert [one.fused for one in candidates] == sorted((one.fused for one in candidates), reverse=True)
    assert all(one.digest == digests[one.chunk_id] for one in candidates)
    assert "80 working days" not in str(trace_of(answer).candidates)


def test_filter_threshold_and_versions_are_kept(in_acme, bob):
    bob.country = "DE"
    bob.save()
    ingest(LEAVE, "leave.md")

    trace = trace_of(services.ask(question=QUESTION, employee=bob, channel="api"))

    assert trace.scope["role"] == "employee" and trace.scope["country"] == "de"
    assert (trace.channel, trace.is_streamed, trace.threshold_source) == ("api", False, "installation")
    assert (trace.generation, trace.encoder, trace.searches) == (1, "onnx", 1)
    assert trace.chunker.startswith("v")
    assert 0 < trace.signals["support"] <= 1


def test_company_that_set_its_own_threshold_is_named(in_acme, bob):
    in_acme.min_confidence_threshold = 0.4
    ingest(LEAVE, "leave.md")

    answer = services.ask(question=QUESTION, employee=bob)
    in_acme.min_confidence_threshold = None

    assert trace_of(answer).threshold_source == "company"
    assert "this company's threshold .40" in " ".join(wording.summary(explained(answer, bob)))


def test_equal_rights_have_equal_digests_and_others_another(in_acme, alice, bob):
    ingest(LEAVE, "leave.md")

    first, second, third = (
        trace_of(services.ask(question=question, employee=who)).scope_digest
        for question, who in ((QUESTION, bob), (OFF_TOPIC, bob), (QUESTION, alice))
    )

    assert first == second != third


def test_abstention_tells_its_candidates_as_too_weak_to_others(in_acme, alice, bob):
    ingest(LEAVE, "leave.md")

    answer = services.ask(question="How much does the company pay for gym membership?", employee=bob)

    assert answer.outcome == "abstained"
    assert explained(answer, alice).count(tracing.NEAREST) == 0
    assert explained(answer, bob).count(tracing.NEAREST) == len(answer.citations)
    assert "is below" in " ".join(wording.summary(explained(answer, alice)))


def test_streamed_answer_has_a_trace_too(in_acme, bob):
    ingest(LEAVE, "leave.md")

    *_, final = services.ask_streaming(question=QUESTION, employee=bob)

    assert trace_of(final.data["answer"]).is_streamed


def test_tokens_of_a_language_model_are_kept(in_acme, bob, settings):
    ingest(LEAVE, "leave.md")
    with running() as server:
        settings.LLM_BASE_URL, settings.LLM_MODEL = server.url, "stub"
        server.usage = {"prompt_tokens": 321, "completion_tokens": 12, "total_tokens": 333}
        server.reply = lambda messages: "Employees receive 80 working days of paid parental leave per child [1]."
        answer = services.ask(question=QUESTION, employee=bob)

    trace = trace_of(answer)
    assert answer.generator == trace.model == "stub"
    assert (trace.prompt_tokens, trace.answer_tokens) == (321, 12)


def test_model_that_failed_is_named_beside_the_quotes(in_acme, bob, settings):
    ingest(LEAVE, "leave.md")
    with running() as server:
        settings.LLM_BASE_URL, settings.LLM_MODEL = server.url, "stub"
        server.mode = "refuse"
        answer = services.ask(question=QUESTION, employee=bob)

    assert (answer.generator, trace_of(answer).model) == ("extractive", "stub")
    assert "A language model was asked and refused" in " ".join(wording.summary(explained(answer, bob)))


def test_trace_is_written_with_the_answer_or_not_at_all(in_acme, bob, monkeypatch):
    ingest(LEAVE, "leave.md")
    monkeypatch.setattr(audit, "record", lambda **values: (_ for _ in ()).throw(IntegrityError("no audit")))

    with pytest.raises(services.AskFailed):
        services.ask(question=QUESTION, employee=bob)

    assert not AnswerTrace.objects.exists()


def test_trace_goes_with_the_conversation(in_acme, bob):
    ingest(LEAVE, "leave.md")
    answer = services.ask(question=QUESTION, employee=bob)

    services.delete_conversation(conversation_id=answer.conversation_id, scope=access.scope_of(bob))

    assert not AnswerTrace.objects.exists()


def test_candidate_that_the_viewer_may_not_read_has_no_title(in_acme, alice, bob):
    ingest(SALARIES, "salaries.md", is_confidential=True)
    answer = services.ask(question="What does salary band 4 pay?", employee=alice)

    assert all(shown.place for shown in explained(answer, alice).candidates)
    for_bob = explained(answer, bob)
    assert for_bob.candidates and not any(shown.place or shown.is_gone for shown in for_bob.candidates)
    assert not any(one.quote or one.title for one in for_bob.citations)


def test_withdrawn_passage_is_told_as_gone_and_its_citation_as_it_was(in_acme, alice, bob):
    document = ingest(LEAVE, "leave.md")
    answer = services.ask(question=QUESTION, employee=bob)
    Chunk.objects.filter(version=document.serving_version).delete()

    explanation = explained(answer, alice)

    assert all(shown.is_gone for shown in explanation.candidates)
    assert "80 working days" in explanation.citations[0].quote
    assert explanation.citations[0].version_number == 1


def test_sensitive_message_is_explained_to_others_like_one_that_needs_no_document(in_acme, alice, bob):
    ingest(LEAVE, "leave.md")
    sensitive = services.ask(question=SENSITIVE, employee=bob)
    greeting = services.ask(question="Hello there!", employee=bob)
    assert (sensitive.outcome, greeting.outcome) == ("sensitive", "abstained")

    told = [explained(answer, alice) for answer in (sensitive, greeting)]

    assert wording.summary(told[0]) == wording.summary(told[1])
    kept = [field.attname for field in AnswerTrace._meta.concrete_fields if field.attname != "query_id"]
    for name in ("outcome", "confidence", "generator", "fallback_reason", "candidates", "citations", "filters"):
        assert getattr(told[0], name) == getattr(told[1], name), name
    assert [stage.name for stage in told[0].stages] == [stage.name for stage in told[1].stages]
    assert [getattr(told[0].trace, name) for name in kept] == [getattr(told[1].trace, name) for name in kept]


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("channel", "fax", "trace_channel_known"),
        ("threshold_source", "weather", "trace_threshold_source_known"),
    ],
)
def test_constraints_of_traces(in_acme, bob, column, value, constraint):
    ingest(LEAVE, "leave.md")
    answer = services.ask(question=QUESTION, employee=bob)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE answer_traces SET {column} = %s WHERE query_id = %s",
            [value, answer.query_id],
        )


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("lane", "open", "query_lane_known"),
        ("hr_reading", "always", "query_hr_reading_known"),
    ],
)
def test_constraints_of_lanes(in_acme, bob, column, value, constraint):
    ingest(LEAVE, "leave.md")
    answer = services.ask(question=QUESTION, employee=bob)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Query.objects.filter(pk=answer.query_id).update(**{column: value})
