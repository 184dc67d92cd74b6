"""The demo's own questions are questions for the documents: none is taken for a record or for something sensitive."""

import pytest

from ragsite.demo import catalog
from retrieval.encoders import get_encoder
from retrieval.services.asking.hearing import hear

QUESTIONS = [
    text
    for company in catalog.load_catalog()
    for text in (
        *company.suggested_questions,
        *company.abstain_questions,
        *(asked.question for asked in company.check_questions),
        *(asked.question for asked in company.canary_questions),
        *(asked.question for asked in company.confidential_questions),
    )
]


@pytest.mark.parametrize("question", dict.fromkeys(QUESTIONS))
def test_documents_are_asked(question):
    heard = hear(question=question, vector=get_encoder().encode_queries([question])[0], last=None)

    assert heard.alarm is None
    assert heard.for_documents == question
