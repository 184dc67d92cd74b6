"""Which versions of a document a person's pages show: in force today and for them; past ones as such; others never."""

from datetime import timedelta

import pytest

from documents.models import DocumentVersion
from documents.services import applicability
from hr.access import Applicability
from retrieval.tests import stories
from retrieval.tests.browsing import browser_of
from tenants import context

QUOTE = "Parents receive 16 weeks of paid parental leave."


@pytest.fixture
def browser(bob, acme):
    return browser_of(bob, acme)


def change(version, **fields):
    DocumentVersion.objects.filter(pk=version.pk).update(**fields)


def apply_to(version, *countries):
    applicability.set_applicability(version=version, applicability=Applicability(countries=frozenset(countries)))
    version.save()


@pytest.mark.parametrize("publication", ["draft", "in_review", "scheduled", "withdrawn"])
def test_version_that_is_not_in_force_yet_or_was_taken_back_is_404_for_employees(
    browser, alice, acme, bob, in_acme, publication
):
    document = stories.make_document()
    version = document.serving_version
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    if publication == "scheduled":
        change(version, effective_from=context.local_today() + timedelta(days=1))
    else:
        change(version, publication=publication)

    for path in (f"/d/{document.pk}/", f"/d/{document.pk}/?version=1", f"/original/{version.pk}/"):
        assert browser.get(path).status_code == 404
    assert browser.get(f"/passage/{query.pk}/1/").status_code == 404
    assert browser_of(alice, acme).get(f"/d/{document.pk}/").status_code == 200


def test_past_version_is_read_through_an_old_citation_with_its_last_day(browser, bob, in_acme):
    document = stories.make_document()
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    yesterday = context.local_today() - timedelta(days=1)
    change(document.serving_version, effective_to=yesterday)

    page = browser.get(f"/passage/{query.pk}/1/").content.decode()

    assert f"was in force until {yesterday:%-d %B %Y}" in page
    assert browser.get(f"/d/{document.pk}/").status_code == 404


def test_version_replaced_on_its_first_day_can_be_read_again(browser, bob, in_acme):
    document = stories.make_document()
    first = document.serving_version
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    second = stories.make_version(document=document, number=2)
    change(first, publication="withdrawn", ended_by=second)

    assert "a newer version is in force" in browser.get(f"/passage/{query.pk}/1/").content.decode()


def test_each_country_reads_its_own_version(browser, bob, in_acme):
    document = stories.make_document()
    apply_to(document.serving_version, "DE")
    french = stories.make_version(document=document, number=2, blocks=(("paragraph", 0, "Texte pour la France."),))
    apply_to(french, "FR")
    change(document.serving_version, effective_to=None)

    def page_of(country):
        bob.country = country
        bob.save()
        return browser.get(f"/d/{document.pk}/").content.decode()

    assert "Texte pour la France." in page_of("FR") and "Applies to France" in page_of("FR")
    assert "16 weeks" in page_of("DE")
    assert browser.get(f"/d/{document.pk}/?version=2").status_code == 404
    assert "Version 1" in page_of("") and "applies to Germany" in page_of("")
    assert browser.get(f"/d/{document.pk}/?version=2").status_code == 200


def test_other_versions_are_offered_with_their_days(browser, in_acme):
    document = stories.make_document()
    document.serving_version = stories.make_version(document=document, number=2)
    document.save()

    page = browser.get(f"/d/{document.pk}/").content.decode()

    assert 'href="?version=1"' in page and "was in force until 31 December 2020" in page
    old = browser.get(f"/d/{document.pk}/?version=1").content.decode()
    assert "Version 1: was in force until 31 December 2020." in old
    assert "Read version 2, which is in force" in old
    for odd in ("3", "x", "-1", "²", "9" * 100):
        assert browser.get(f"/d/{document.pk}/?version={odd}").status_code == 404


def test_version_for_other_countries_is_404_on_every_page(browser, bob, alice, acme, in_acme):
    document = stories.make_document()
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    version = document.serving_version
    apply_to(version, "fr")
    bob.country = "DE"
    bob.save()

    paths = (
        f"/d/{document.pk}/",
        f"/d/{document.pk}/?version=1",
        f"/original/{version.pk}/",
        f"/passage/{query.pk}/1/",
    )
    assert [browser.get(path).status_code for path in paths] == [404] * 4
    assert [browser_of(alice, acme).get(path).status_code for path in paths[:2]] == [200] * 2
