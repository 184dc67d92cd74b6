"""A document that bob could read is made confidential: from then on he finds it nowhere, not even in old answers."""

import uuid
from typing import Any

import pytest

from documents import services as documents
from documents import tasks
from documents.models import Document
from hr.models import Employee
from hr.tests.api_helpers import post, signed_in
from ragsite.tests.crawling import ABOUT, crawl, ingest, leaks, paths_of, read_answer
from retrieval.models import Query
from retrieval.tests.browsing import browser_of
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

WORDS = ("Kanatitel", "Kanatext", "kanaextern", "kanadatei")


@pytest.fixture
def allowance(acme: Tenant) -> Document:
    with context.enter(acme):
        ingest("# Other animals\n\nThe penguin allowance is 12 euros a month.\n", "penguins.md")
        return ingest(
            "# Ostriches\n\nThe ostrich allowance is 41 Kanatext euros a month.\n",
            "kanadatei.md",
            title="Ostriches Kanatitel",
            external_id="kanaextern",
        )


def close(acme: Tenant, document: Document) -> None:
    with context.enter(acme):
        documents.edit_document(document=document, title=document.title, is_confidential=True)


def refilter(acme: Tenant, document: Document) -> None:
    """The task that a worker does a moment later."""
    with context.enter(acme):
        tasks.refilter_document.run(str(document.pk))


@pytest.mark.parametrize("when", ["at once", "after the worker was there"])
def test_it_is_gone_from_every_surface(
    acme: Tenant, alice: Employee, bob: Employee, allowance: Document, when: str
) -> None:
    browser, api = browser_of(bob, acme), signed_in(acme, bob)
    asked = post(api, "/api/v1/query", {"question": ABOUT}).json()
    conversation = asked["conversation_id"]
    count = api.get("/api/v1/documents").json()["count"]
    before = [browser.get(f"/c/{conversation}/"), browser.get(f"/passage/{asked['id']}/1/")]
    assert asked["outcome"] == "answered"
    assert all(b"Kanatext" in page.content for page in before)

    close(acme, allowance)
    if when != "at once":
        refilter(acme, allowance)

    going_on = {"question": "And how high is it?", "conversation_id": conversation}
    read = [
        read_answer("search", post(api, "/api/v1/search", {"question": ABOUT, "limit": 50})),
        read_answer("query", post(api, "/api/v1/query", {"question": ABOUT})),
        read_answer("next answer", post(api, "/api/v1/query", going_on)),
        read_answer("streamed", post(api, "/api/v1/query/stream", going_on)),
        read_answer("page stream", browser.post("/ask/stream/", going_on)),
        read_answer("page", browser.post(f"/c/{conversation}/", going_on, follow=True)),
        read_answer("old answer", browser.get(f"/c/{conversation}/")),
        read_answer("list", api.get("/api/v1/documents")),
        read_answer("filtered list", api.get("/api/v1/documents", {"title": "ostrich"})),
        *crawl(browser, start=["/", "/conversations/", f"/passage/{asked['id']}/1/", *paths_of(allowance)]),
        *(read_answer(path, api.get(path)) for path in paths_of(allowance) if path.startswith("/api/")),
    ]
    assert not leaks(read, WORDS)
    assert not [one.path for one in read if one.status >= 500]
    assert api.get("/api/v1/documents").json()["count"] == count - 1
    assert api.get("/api/v1/documents", {"title": "ostrich"}).json()["count"] == 0


def test_its_addresses_answer_as_if_it_had_never_been(acme: Tenant, bob: Employee, allowance: Document) -> None:
    browser, api = browser_of(bob, acme), signed_in(acme, bob)
    asked = post(api, "/api/v1/query", {"question": ABOUT}).json()
    close(acme, allowance)

    def told(response: Any) -> tuple[int, str]:
        return response.status_code, response.content.decode()

    missing = uuid.uuid4()
    assert told(browser.get(f"/d/{allowance.pk}/")) == told(browser.get(f"/d/{missing}/"))
    assert told(browser.get(f"/original/{allowance.serving_version_id}/")) == told(browser.get(f"/original/{missing}/"))
    assert told(browser.get(f"/passage/{asked['id']}/1/")) == told(browser.get(f"/passage/{missing}/1/"))
    for end in ("", "/file"):
        closed, never = (api.get(f"/api/v1/documents/{each}{end}") for each in (allowance.pk, missing))
        assert told(closed) == told(never)
        assert closed.status_code == 404


def test_hr_goes_on_reading_it_and_opening_it_gives_bob_his_answer_back(
    acme: Tenant, alice: Employee, bob: Employee, allowance: Document
) -> None:
    browser, api = browser_of(bob, acme), signed_in(acme, bob)
    asked = post(api, "/api/v1/query", {"question": ABOUT}).json()
    close(acme, allowance)

    found = post(signed_in(acme, alice), "/api/v1/query", {"question": ABOUT}).json()
    assert "Kanatext" in found["answer"]

    with context.enter(acme):
        documents.edit_document(document=allowance, title=allowance.title, is_confidential=False)
        stored = Query.objects.get(pk=asked["id"])
    assert b"Kanatext" in browser.get(f"/c/{stored.conversation_id}/").content
