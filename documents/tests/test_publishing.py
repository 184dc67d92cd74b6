"""A version's way: review, publication on a day, other days, withdrawal; and what each does to the versions around."""

import io
from datetime import date, timedelta

import pytest

from audit import actors
from audit.models import AuditLog
from documents import rights, services, windows
from documents.models import DocumentVersion, Outbox
from documents.tests.timelines import make_document, make_version
from documents.windows import Window
from hr.access import Applicability
from tenants import context

JAN, MAY31, JUN, JUL, DEC31 = (
    date(2026, 1, 1),
    date(2026, 5, 31),
    date(2026, 6, 1),
    date(2026, 7, 1),
    date(2026, 12, 31),
)
GERMANY, FRANCE = Applicability(countries=frozenset({"DE"})), Applicability(countries=frozenset({"FR"}))


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    """Work stays in the outbox; the queue is not the subject here."""
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)


@pytest.fixture
def document(in_acme):
    return make_document()


def acting(number):
    return actors.acting_as(actors.Actor(kind="employee", label=f"employee:{number}"))


def published(document, first, last=None, **people):
    version = make_version(document, **people)
    services.publish_version(version=version, window=Window(first, last))
    return version


def window_of(version):
    version.refresh_from_db()
    return version.publication, version.effective_from, version.effective_to


def test_draft_is_published_from_today_when_nothing_else_is_said(document):
    version = make_version(document)

    services.publish_version(version=version)

    assert window_of(version) == ("published", context.local_today(), None)
    document.refresh_from_db()
    assert document.serving_version_id == version.pk


def test_next_years_version_ends_this_years(document):
    one = published(document, JAN)
    two = make_version(document)

    placement = services.publish_version(version=two, window=Window(JUN))

    assert (window_of(one), window_of(two)) == (("published", JAN, MAY31), ("published", JUN, None))
    assert placement.ended == (1,)
    assert "Version 1 ends the day before" in str(placement)


def test_same_first_day_replaces_the_older_one(document):
    one, two = published(document, JAN), published(document, JAN)

    assert window_of(one)[0] == "withdrawn"
    assert one.withdrawn_reason == "Replaced on its first day by version 2."
    assert window_of(two)[0] == "published"
    assert Outbox.objects.filter(kind="forget_version", target_id=one.pk).exists()


def test_older_draft_cannot_take_the_first_day_of_a_newer_one(document):
    draft = make_version(document)
    published(document, JAN)

    with pytest.raises(services.WindowTaken, match="Version 2 is newer and begins on the same day, 2026-01-01"):
        services.publish_version(version=draft, window=Window(JAN))


def test_version_that_would_reach_into_the_next_one_is_refused_with_advice(document):
    published(document, JUL)
    draft = make_version(document)

    with pytest.raises(services.WindowTaken, match="Version 1 begins on 2026-07-01, before the last day asked for"):
        services.publish_version(version=draft, window=Window(JAN, DEC31))

    services.publish_version(version=draft, window=Window(JAN))
    assert window_of(draft) == ("published", JAN, date(2026, 6, 30))


def test_versions_for_two_countries_are_in_force_side_by_side(document):
    german = published(document, JAN, countries=("de",))
    french = published(document, JAN, countries=("fr",))

    assert window_of(german) == window_of(french) == ("published", JAN, None)


def test_version_for_some_beside_one_for_all_is_refused_and_says_what_to_do(document):
    published(document, JAN)
    draft = make_version(document)

    with pytest.raises(services.VersionsOverlap) as refusal:
        services.publish_version(version=draft, window=Window(JUN), applicability=GERMANY)

    assert str(refusal.value) == (
        "Version 1 is in force from 2026-01-01 until further notice and applies to everybody; this one would apply to "
        "Germany at the same time, so some people would have two. Give version 1 a last day before 2026-06-01, "
        "withdraw it, or let both apply to different people."
    )
    assert window_of(draft)[0] == "draft"
    assert draft.applies_countries == []


def test_version_for_some_before_one_for_all_is_told_to_end_in_time(document):
    published(document, JUN)
    draft = make_version(document)

    with pytest.raises(services.VersionsOverlap, match="Let this one end before 2026-06-01, withdraw version 1, or"):
        services.publish_version(version=draft, window=Window(JAN), applicability=GERMANY)


def test_company_goes_from_one_policy_to_one_for_each_country(document):
    everybody = published(document, JAN)

    services.change_window(version=everybody, window=Window(JAN, MAY31))
    german = published(document, JUN, countries=("de",))
    french = published(document, JUN, countries=("fr",))

    in_force = DocumentVersion.objects.in_force_on(JUN).values_list("pk", flat=True)
    assert set(in_force) == {german.pk, french.pk}


def test_reversed_days_are_refused(document):
    version = make_version(document)

    with pytest.raises(windows.WindowReversed):
        services.publish_version(version=version, window=Window(JUN, JAN))


def test_unknown_country_is_refused(document):
    version = make_version(document)

    with pytest.raises(rights.UnknownValue, match="There is no country “xx”"):
        services.publish_version(version=version, applicability=Applicability(countries=frozenset({"XX"})))


def test_too_many_sites_are_refused(document):
    sites = frozenset(f"site {number} {'x' * 80}" for number in range(30))

    with pytest.raises(services.TooManyKeys):
        services.publish_version(version=make_version(document), applicability=Applicability(sites=sites))


def test_sites_with_separators_in_their_names_stay_different_people(document):
    one = make_version(document, sites=("a|b",))
    two = make_version(document, sites=("a", "b"))
    three = make_version(document, sites=("a%7Cb",))

    assert len({one.applies_key, two.applies_key, three.applies_key}) == 3


def test_withdrawn_schedule_gives_the_days_back(document):
    one = published(document, JAN, DEC31)
    tomorrow = context.local_today() + timedelta(days=1)
    services.change_window(version=one, window=Window(JAN, tomorrow + timedelta(days=30)))
    two = published(document, tomorrow)
    assert window_of(one) == ("published", JAN, context.local_today())

    longer = services.withdraw_version(version=two, reason="Too early")

    assert longer == (1,)
    assert window_of(one) == ("published", JAN, tomorrow + timedelta(days=30))
    assert window_of(two)[0] == "withdrawn"


def test_withdrawing_what_was_in_force_brings_nothing_back(document):
    one, two = published(document, JAN), published(document, JUN)

    assert services.withdraw_version(version=two, reason="Wrong text") == ()

    assert window_of(one) == ("published", JAN, MAY31)
    for day in (JAN, JUN, context.local_today()):
        assert two not in DocumentVersion.objects.in_force_on(day)
    document.refresh_from_db()
    assert document.serving_version_id == one.pk
    assert Outbox.objects.filter(kind="forget_version", target_id=two.pk).exists()


def test_moved_version_takes_the_end_of_the_one_before_along(document):
    one, two = published(document, JAN), published(document, JUN)

    services.change_window(version=two, window=Window(JUL))

    assert window_of(one) == ("published", JAN, date(2026, 6, 30))
    assert window_of(two) == ("published", JUL, None)


def test_move_that_does_not_fit_changes_nothing(document):
    published(document, JAN, MAY31, countries=("fr",))
    two = published(document, JUN)

    with pytest.raises(services.VersionsOverlap):
        services.change_window(version=two, window=Window(date(2026, 5, 1)))

    assert window_of(two) == ("published", JUN, None)


def test_days_that_were_given_back_do_not_overlap_others(document):
    tomorrow = context.local_today() + timedelta(days=1)
    one = published(document, JAN)
    two = published(document, tomorrow, tomorrow)
    german = published(document, tomorrow + timedelta(days=1), countries=("de",))

    assert services.withdraw_version(version=two, reason="No need") == ()

    assert window_of(one) == ("published", JAN, context.local_today())
    assert window_of(german)[0] == "published"


def test_withdrawing_twice_is_refused(document):
    version = published(document, JAN)
    services.withdraw_version(version=version, reason="Wrong text")

    with pytest.raises(services.WrongPublication, match="It is withdrawn"):
        services.withdraw_version(version=version, reason="Wrong text")
    with pytest.raises(services.WrongPublication):
        services.publish_version(version=version)
    with pytest.raises(services.WrongPublication):
        services.change_window(version=version, window=Window(JAN))


def test_version_that_is_not_ready_is_not_published(document):
    version = make_version(document, state="parsing")

    with pytest.raises(services.NotReady):
        services.publish_version(version=version)


def test_deleted_documents_versions_do_not_move(document):
    version = make_version(document)
    services.delete_document(document=document)

    with pytest.raises(services.WrongPublication, match="deleted"):
        services.publish_version(version=version)


def test_draft_remembers_its_days(document):
    version = make_version(document)

    services.change_window(version=version, window=Window(JUN), applicability=GERMANY)

    assert window_of(version) == ("draft", JUN, None)
    assert version.applies_countries == ["de"]


class TestReview:
    @pytest.fixture(autouse=True)
    def requires_review(self, in_acme):
        in_acme.requires_review = True
        yield
        in_acme.requires_review = False

    def test_unreviewed_version_is_not_published(self, document):
        version = make_version(document)

        with acting(2), pytest.raises(services.ReviewMissing):
            services.publish_version(version=version)

    def test_second_person_approves_and_anybody_publishes(self, document):
        version = make_version(document)
        with acting(1):
            services.submit_for_review(version=version)
        with acting(2):
            services.approve(version=version, reason="Read it")

        with acting(1):
            services.publish_version(version=version)

        assert (version.publication, version.reviewed_by, version.published_by) == (
            "published",
            "employee:2",
            "employee:1",
        )
        verbs = AuditLog.objects.filter(target=f"document:{document.pk}").order_by("pk").values_list("verb", "actor")
        assert list(verbs) == [
            ("document.version_submit", "employee:1"),
            ("document.version_approve", "employee:2"),
            ("document.version_publish", "employee:1"),
        ]

    @pytest.mark.parametrize("reviewer", [1, 3])
    def test_uploader_and_submitter_do_not_review(self, document, reviewer):
        version = make_version(document, uploaded_by="employee:1")
        with acting(3):
            services.submit_for_review(version=version)

        with acting(reviewer), pytest.raises(services.OwnReview):
            services.approve(version=version)

    def test_nobody_but_a_person_reviews(self, document):
        version = make_version(document)
        services.submit_for_review(version=version)

        with pytest.raises(services.OwnReview):
            services.approve(version=version)

    def test_what_was_sent_back_needs_a_new_review(self, document):
        version = make_version(document)
        with acting(1):
            services.submit_for_review(version=version)
        with acting(2):
            services.approve(version=version)
            with pytest.raises(services.WrongPublication):
                services.approve(version=version)
            services.return_to_draft(version=version, reason="Page 2 is missing")

        assert (version.publication, version.publication_note) == ("draft", "Sent back: Page 2 is missing")
        with acting(1), pytest.raises(services.ReviewMissing):
            services.publish_version(version=version)

    def test_upload_lands_in_review(self, in_acme):
        with acting(1):
            version = services.receive(source=io.BytesIO(b"# Travel\n\nFirst class."), original_name="a.md").version
            services.process_version(version_id=version.pk)

        version.refresh_from_db()
        assert (version.state, version.publication, version.review_requested_by) == ("ready", "in_review", "employee:1")
        assert version.document.serving_version is None


def upload(content=b"# Travel\n\nFirst class.", **fields):
    version = services.receive(source=io.BytesIO(content), original_name="a.md", **fields).version
    services.process_version(version_id=version.pk)
    version.refresh_from_db()
    return version


def test_upload_that_does_not_fit_becomes_a_draft_with_an_explanation(in_acme):
    one = upload()

    german = upload(b"# Travel\n\nGermans.", document=one.document, terms=services.Terms(applicability=GERMANY))

    assert (german.state, german.publication, german.error_code) == ("ready", "draft", "")
    assert german.publication_note.startswith("Not published: Version 1 is in force from")
    assert one.document.serving_version_id == one.pk
    assert AuditLog.objects.filter(verb="document.version_kept_as_draft", details__why="VersionsOverlap").exists()


def test_upload_whose_last_day_has_passed_becomes_a_draft_with_an_explanation(in_acme):
    version = upload(terms=services.Terms(window=Window(None, JAN)))

    assert (version.state, version.publication, version.effective_from) == ("ready", "draft", None)
    assert "Not published: The last day in force, 2026-01-01, is before the first one" in version.publication_note


def test_upload_with_days_is_scheduled(in_acme):
    one = upload()
    tomorrow = context.local_today() + timedelta(days=1)

    two = upload(b"# Travel\n\nNew.", document=one.document, terms=services.Terms(window=Window(tomorrow)))

    assert window_of(one) == ("published", context.local_today(), context.local_today())
    assert window_of(two) == ("published", tomorrow, None)


def test_upload_kept_as_draft_answers_nothing(in_acme):
    version = upload(terms=services.Terms(publish=False))

    assert version.publication == "draft"
    assert not DocumentVersion.objects.in_force_on(context.local_today()).exists()


def test_version_withdrawn_while_it_is_processed_is_forgotten(in_acme):
    version = services.receive(source=io.BytesIO(b"# Travel\n\nFirst."), original_name="a.md").version
    services.withdraw_version(version=version, reason="Wrong file")

    services.process_version(version_id=version.pk)

    version.refresh_from_db()
    assert (version.state, version.publication) == ("ready", "withdrawn")
    assert Outbox.objects.filter(kind="forget_version", target_id=version.pk).exists()


def test_same_bytes_for_other_days_are_a_new_version(in_acme):
    one = upload()
    later = context.local_today() + timedelta(days=100)
    again = services.receive(
        source=io.BytesIO(b"# Travel\n\nFirst class."),
        original_name="a.md",
        document=one.document,
        terms=services.Terms(window=Window(later)),
    )

    assert not again.recognised
    assert again.version.number == 2


def test_upload_for_some_readers(in_acme):
    from hr.access import Audience

    version = upload(external_id="travel", audience=Audience(countries=frozenset({"DE"})))
    assert version.document.audience_countries == ["de"]

    upload(b"# Travel\n\nNew.", external_id="travel", audience=Audience(roles=frozenset({"manager"})))
    version.document.refresh_from_db()
    assert (version.document.audience_countries, version.document.audience_roles) == ([], ["manager"])

    @pytest.mark.parametrize(
        "changed",
        [
            {"window": Window(JUN, DEC31)},
            {"window": Window(JAN, None)},
            {"window": Window(JAN, DEC31 + timedelta(days=1))},
            {"window": Window(JAN, DEC31), "applicability": GERMANY},
        ],
    )
    def test_one_person_alone_changes_no_days_or_people_of_what_is_published(self, document, changed):
        version = make_version(document, first=JAN, last=DEC31, publication="published")

        with acting(1), pytest.raises(services.ReviewMissing, match="upload a new version"):
            services.change_window(version=version, **changed)

        assert window_of(version) == ("published", JAN, DEC31)

    def test_published_version_ends_earlier_or_is_withdrawn_without_a_review(self, document):
        version = make_version(document, first=JAN, publication="published")

        with acting(1):
            services.change_window(version=version, window=Window(None, MAY31))
            assert window_of(version) == ("published", JAN, MAY31)
            services.withdraw_version(version=version, reason="Wrong text")

    def test_approval_is_of_the_days_and_people_too(self, document):
        version = make_version(document, last=DEC31)
        with acting(1):
            services.submit_for_review(version=version)
        with acting(2):
            services.approve(version=version)

        with acting(1), pytest.raises(services.ReviewMissing, match="other days or people"):
            services.publish_version(version=version, window=Window(JAN, DEC31), applicability=GERMANY)
        with acting(1):
            services.change_window(version=version, window=Window(JAN, None))
        assert (version.publication, version.reviewed_at, version.reviewed_by) == ("in_review", None, "")
        with acting(1), pytest.raises(services.ReviewMissing):
            services.publish_version(version=version)
