"""Random timelines: no version outside its window, never two for one person and day, and midnight is the company's."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from documents import rights, services
from documents.models import DocumentVersion
from documents.tests.timelines import make_document, make_version
from documents.windows import Window
from hr import access
from hr.access import Applicability
from tenants import context

START = date(2025, 1, 1)
PEOPLE = (
    Applicability(),
    Applicability(countries=frozenset({"de"})),
    Applicability(countries=frozenset({"fr"})),
    Applicability(countries=frozenset({"de"}), employment_types=frozenset({"intern"})),
)


@pytest.fixture(autouse=True)
def no_queue(monkeypatch):
    """Work stays in the outbox; the queue is not the subject here."""
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)


def asker(day, **fields):
    values = {"tenant_id": "t", "employee_id": 7, "role": "employee", "reads_confidential": False, "as_of": day}
    return access.Scope(**{**values, **fields})


def random_window(rng):
    first = START + timedelta(days=rng.randint(0, 500))
    return Window(first, first + timedelta(days=rng.randint(0, 300)) if rng.random() < 0.5 else None)


def live_a_little(rng, document):
    """A random life of a document through the services; what they refuse is not done."""
    done, refused = 0, 0
    for _ in range(rng.randint(4, 10)):
        try:
            act_at_random(rng, document)
            done += 1
        except (services.TimelineConflict, services.WrongPublication):
            refused += 1
    return done, refused


def act_at_random(rng, document):
    versions = list(document.versions.order_by("number"))
    what = rng.random()
    if what < 0.6 or not versions:
        services.publish_version(
            version=make_version(document), window=random_window(rng), applicability=rng.choice(PEOPLE)
        )
    elif what < 0.8:
        services.change_window(version=rng.choice(versions), window=random_window(rng))
    else:
        services.withdraw_version(version=rng.choice(versions), reason="at random")


@pytest.mark.parametrize("seed", range(6))
def test_no_version_answers_outside_its_window_and_never_two_for_one_person(in_acme, seed):
    rng = random.Random(seed)
    total = [live_a_little(rng, document) for document in [make_document(title=f"D{n}") for n in range(6)]]
    assert sum(done for done, _ in total) > 15

    versions = list(DocumentVersion.objects.all())
    for _ in range(40):
        day = START + timedelta(days=rng.randint(-10, 830))
        person = asker(day, country=rng.choice(("de", "fr", "br")), employment_type=rng.choice(("intern", "full_time")))
        answering = set(DocumentVersion.objects.answering(person).values_list("pk", flat=True))
        expected = {
            version.pk
            for version in versions
            if version.publication == "published"
            and Window(version.effective_from, version.effective_to).holds(day)
            and access.applies(scope=person, applicability=rights.applicability_of(version))
        }
        assert answering == expected
        documents = [version.document_id for version in versions if version.pk in answering]
        assert len(documents) == len(set(documents)), "two versions of one document for one person and day"


@pytest.mark.parametrize(
    ("zone", "local_midnight"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),  # the hour from 2 to 3 does not exist
        ("Europe/Berlin", date(2026, 3, 30)),
        ("Europe/Berlin", date(2026, 10, 25)),  # the hour from 2 to 3 comes twice
        ("Europe/Berlin", date(2026, 10, 26)),
        ("America/Sao_Paulo", date(2018, 11, 4)),  # the hour from 0 to 1 did not exist: the day began at 1
        ("America/Sao_Paulo", date(2026, 2, 22)),
        ("Pacific/Auckland", date(2026, 4, 5)),
        ("Pacific/Auckland", date(2026, 9, 27)),
        ("Pacific/Apia", date(2011, 12, 31)),  # 30 December 2011 was skipped there
        ("Pacific/Apia", date(2026, 1, 1)),
        ("UTC", date(2026, 1, 1)),
    ],
)
def test_scheduled_version_comes_at_midnight_in_the_companys_zone(in_acme, monkeypatch, zone, local_midnight):
    in_acme.time_zone = zone
    document = make_document()
    one, two = (
        make_version(
            document, first=date(2010, 1, 1), last=local_midnight - timedelta(days=1), publication="published"
        ),
        make_version(document, first=local_midnight, publication="published"),
    )
    moment = datetime.combine(local_midnight, datetime.min.time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    before, after = moment - timedelta(seconds=1), moment + timedelta(seconds=1)

    def answers_at(now):
        today = context.local_today(now)
        return list(DocumentVersion.objects.answering(asker(today)))

    assert answers_at(before) == [one]
    assert answers_at(moment) == answers_at(after) == [two]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Pacific/Auckland", date(2026, 4, 5), 25),
        ("Pacific/Auckland", date(2026, 9, 27), 23),
        ("America/Sao_Paulo", date(2026, 10, 18), 24),
        ("Pacific/Apia", date(2026, 9, 27), 24),
    ],
)
def test_version_of_one_day_is_in_force_for_all_hours_of_that_day(in_acme, zone, day, hours):
    in_acme.time_zone = zone
    version = make_version(make_document(), first=day, last=day, publication="published")
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    minutes = [noon + timedelta(minutes=m) for m in range(-24 * 60, 24 * 60, 30)]
    in_force = [now for now in minutes if Window(day, day).holds(context.local_today(now))]

    assert len(in_force) / 2 == hours
    assert list(DocumentVersion.objects.in_force_on(context.local_today(in_force[0]))) == [version]
    assert not DocumentVersion.objects.in_force_on(context.local_today(in_force[-1] + timedelta(minutes=30))).exists()
