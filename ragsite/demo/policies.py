"""The demo's policies with days and people: two families per company, one personal document, one for few readers.

Their years count from the day of the seeding, so that last year's version has always ended and next year's is to come.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from documents import rights, services
from documents.models import Document
from documents.windows import Window
from hr.access import Applicability, Audience
from hr.models import Employee
from tenants import context
from tenants.models import Tenant

TEXTS_DIR = Path(__file__).parent / "policy_texts"
_REVIEW_IN_DAYS = 20


@dataclass(frozen=True)
class DemoVersion:
    """One version: of the year `offset` from this one, for `countries` (empty: all), with what its text says."""

    offset: int
    amount: str
    countries: tuple[str, ...] = ()
    people: str = "to everybody"


@dataclass(frozen=True)
class DemoPolicy:
    """A document whose text stands in policy_texts/<company>/<name>.md."""

    name: str
    title: str
    versions: tuple[DemoVersion, ...] = (DemoVersion(0, ""),)
    roles: frozenset[str] = field(default_factory=frozenset)
    subject_email: str = ""


POLICIES: Mapping[str, tuple[DemoPolicy, ...]] = {
    "acme": (
        DemoPolicy(
            "canteen",
            "Meals in the canteen",
            (
                DemoVersion(-1, "EUR 2.40"),
                DemoVersion(0, "EUR 3.10", ("DE",), "in Germany"),
                DemoVersion(0, "EUR 4.60", ("FR",), "in France"),
                DemoVersion(1, "EUR 3.50", ("DE",), "in Germany"),
            ),
        ),
        DemoPolicy(
            "bicycles",
            "Bicycle leasing",
            (DemoVersion(-1, "EUR 3,200"), DemoVersion(0, "EUR 4,100"), DemoVersion(1, "EUR 4,800")),
        ),
        DemoPolicy("pay-conversations", "Guide to pay conversations", roles=frozenset({"manager"})),
        DemoPolicy("desk-agreement", "Desk agreement", subject_email="employee@acme.example"),
    ),
    "globex": (
        DemoPolicy(
            "work-clothing",
            "Work clothing",
            (
                DemoVersion(-1, "two pairs of trousers and three shirts", people="for everybody"),
                DemoVersion(0, "three pairs of trousers, five shirts, one jacket", ("NL",), "for the Netherlands"),
                DemoVersion(0, "two pairs of trousers, four shirts and a lined jacket", ("PL",), "for Poland"),
                DemoVersion(1, "four pairs of trousers, five shirts and a rain jacket", ("NL",), "for the Netherlands"),
            ),
        ),
        DemoPolicy(
            "parking",
            "Parking at the depots",
            (DemoVersion(-1, "EUR 24"), DemoVersion(0, "EUR 30"), DemoVersion(1, "EUR 36")),
        ),
        DemoPolicy("toolbox-talks", "Toolbox talks", roles=frozenset({"manager"})),
        DemoPolicy("forklift-agreement", "Forklift agreement", subject_email="employee@globex.example"),
    ),
}
TIME_ZONES = {"acme": "Europe/Berlin", "globex": "Europe/Amsterdam"}


def seed(*, company: str, today: date) -> int:
    """Upload the policies that the current tenant does not have yet; returns how many documents are new."""
    new = 0
    for policy in POLICIES[company]:
        external_id = f"{company}-{policy.name}"
        if Document.objects.filter(external_id=external_id).exists():
            continue
        for version in policy.versions:
            _upload(company, policy, version, external_id=external_id, today=today)
        _look_after(external_id, today=today)
        new += 1
    if new:
        tenant = context.current_tenant()
        Tenant.objects.filter(pk=tenant.pk, time_zone="UTC").update(time_zone=TIME_ZONES[company])
    return new


def text_of(*, company: str, policy: DemoPolicy, version: DemoVersion, person: str, year: int) -> str:
    """The text of one version."""
    text = (TEXTS_DIR / company / f"{policy.name}.md").read_text(encoding="utf-8")
    filled = {"amount": version.amount, "people": version.people, "person": person}
    filled |= {"year": str(year + version.offset), "last_year": str(year - 1)}
    for name, value in filled.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def _upload(company: str, policy: DemoPolicy, version: DemoVersion, *, external_id: str, today: date) -> None:
    subject = Employee.objects.with_email(policy.subject_email).first() if policy.subject_email else None
    text = text_of(company=company, policy=policy, version=version, person=str(subject or ""), year=today.year)
    first = date(today.year + version.offset, 1, 1)
    services.receive(
        source=io.BytesIO(text.encode()),
        original_name=f"{policy.name}-{first.year}.md",
        title=policy.title,
        external_id=external_id,
        audience=Audience(roles=policy.roles, subject_id=subject.pk if subject else None),
        terms=services.Terms(
            # The past ends by itself; this year's version ends where next year's begins.
            window=Window(first, date(first.year, 12, 31) if version.offset < 0 else None),
            applicability=Applicability(countries=frozenset(version.countries)),
        ),
    )


def _look_after(external_id: str, *, today: date) -> None:
    document = Document.objects.get(external_id=external_id)
    owner = Employee.objects.active().filter(role=Employee.Role.HR).order_by("pk").first()
    services.change_document(
        document=document,
        title=document.title,
        audience=rights.audience_of(document),
        owner=owner,
        review_due_date=today + timedelta(days=_REVIEW_IN_DAYS),
        reason="demo",
    )
