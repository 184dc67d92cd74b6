"""A record that changes changes what the person may read with their very next request, of every kind."""

from dataclasses import replace
from typing import Any

import pytest

from documents import rights, tasks
from documents import services as documents
from documents.models import Document
from hr import services as hr
from hr.models import Employee
from hr.tests.api_helpers import post, signed_in
from ragsite.tests.crawling import ABOUT, crawl, ingest, leaks, paths_of, read_answer
from retrieval.tests.browsing import browser_of
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

WORDS = ("Kanatitel", "Kanatext")
# Attribute -> how the audience calls it, the value that may read, another one.
ATTRIBUTES = {
    "department": ("departments", "Production", "Sales"),
    "country": ("countries", "DE", "FR"),
    "site": ("sites", "Kiel", "Lyon"),
    "employment_type": ("employment_types", "full_time", "contractor"),
}


def restricted(acme: Tenant, attribute: str) -> Document:
    name, value, _ = ATTRIBUTES[attribute]
    with context.enter(acme):
        ingest("# Other animals\n\nThe penguin allowance is 12 euros a month.\n", "penguins.md")
        document = ingest(
            "# Ostriches\n\nThe ostrich allowance is 41 Kanatext euros a month.\n", "o.md", title="Ostriches Kanatitel"
        )
        audience = replace(rights.audience_of(document), **{name: frozenset({value})})
        documents.change_access(document=document, audience=audience)
        tasks.refilter_document.run(str(document.pk))
        return Document.objects.get(pk=document.pk)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_moved_person_reads_no_more_what_was_for_the_old_place(acme: Tenant, bob: Employee, attribute: str) -> None:
    _, value, other = ATTRIBUTES[attribute]
    document = restricted(acme, attribute)
    with context.enter(acme):
        hr.update_record(employee=bob, **{attribute: value})
    browser, api = browser_of(bob, acme), signed_in(acme, bob)
    asked = post(api, "/api/v1/query", {"question": ABOUT}).json()
    assert "Kanatext" in asked["answer"]
    assert api.get(f"/api/v1/documents/{document.pk}/file").status_code == 200

    with context.enter(acme):
        hr.update_record(employee=bob, **{attribute: other})

    going_on = {"question": "And how high is it?", "conversation_id": asked["conversation_id"]}
    read: list[Any] = [
        read_answer("search", post(api, "/api/v1/search", {"question": ABOUT, "limit": 50})),
        read_answer("query", post(api, "/api/v1/query", {"question": ABOUT})),
        read_answer("next answer", post(api, "/api/v1/query", going_on)),
        read_answer("streamed", post(api, "/api/v1/query/stream", going_on)),
        read_answer("page stream", browser.post("/ask/stream/", going_on)),
        read_answer("list", api.get("/api/v1/documents")),
        *crawl(browser, start=["/", *paths_of(document), f"/passage/{asked['id']}/1/"], at_most=30),
        *(read_answer(path, api.get(path)) for path in paths_of(document) if path.startswith("/api/")),
    ]
    assert not leaks(read, WORDS)
    assert not [one.path for one in read if one.status >= 500]


def test_person_of_an_import_reads_by_the_new_record_at_once(acme: Tenant, bob: Employee) -> None:
    document = restricted(acme, "country")
    browser = browser_of(bob, acme)
    assert browser.get(f"/d/{document.pk}/").status_code == 404

    with context.enter(acme):
        content = f"employee_number,country\n{bob.employee_number},Germany\n".encode()
        assert hr.import_people(content=content, by=None).written
    assert browser.get(f"/d/{document.pk}/").status_code == 200

    with context.enter(acme):
        hr.import_people(content=content.replace(b"Germany", b""), by=None)
    assert browser.get(f"/d/{document.pk}/").status_code == 404


def test_leaver_of_an_import_is_out_with_the_next_request(acme: Tenant, bob: Employee) -> None:
    browser, api = browser_of(bob, acme), signed_in(acme, bob)
    assert (browser.get("/").status_code, api.get("/api/v1/documents").status_code) == (200, 200)

    with context.enter(acme):
        content = f"employee_number,active\n{bob.employee_number},no\n".encode()
        assert hr.import_people(content=content, by=None).deactivated == 1

    assert (browser.get("/").status_code, api.get("/api/v1/documents").status_code) == (302, 401)
