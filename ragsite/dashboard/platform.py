"""The start page of operators: companies, health, storage, keys, findings, incidents, what waits for another person."""

from datetime import timedelta

from django.db import connection
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from audit import markup
from ragsite import across, readiness
from ragsite.dashboard.charts import Ranking, ranking
from ragsite.dashboard.figures import Concern, Figure, Overview, Section, tone_of
from ragsite.dashboard.links import list_url
from ragsite.models import Incident
from tenants.models import KillSwitch, SigningKey, Tenant

_TONES = {Tenant.State.ACTIVE: "good", Tenant.State.SUSPENDED: "bad", Tenant.State.PROVISIONING: "working"}
# The runbook rotates signing keys every 90 days (S2-35).
KEY_MAX_AGE = timedelta(days=90)
_LARGEST = 12


def overview() -> Overview:
    """At most 12 queries, however many companies there are; the parts are asked as by /readyz."""
    report = readiness.check_parts()
    states = {row["state"]: row["n"] for row in Tenant.objects.values("state").annotate(n=Count("pk")).order_by()}
    companies = across.numbers_of([across.FILES, across.FILE_BYTES, across.FILES_WAITING, across.OPEN_FINDINGS])
    files, size_bytes, waiting, open_findings = (
        map(sum, zip(*companies.values(), strict=True)) if companies else (0,) * 4
    )
    incidents = list(Incident.objects.exclude(state=Incident.State.RESOLVED).order_by("-opened_at", "-pk")[:5])
    switches = list(
        KillSwitch.objects.in_force(timezone.now()).select_related("tenant").order_by("-enabled_at", "-pk")[:50]
    )
    key = SigningKey.objects.filter(state=SigningKey.State.ACTIVE).first()
    approvals = [switch for switch in switches if switch.release_requested_by]
    down = [part for part in report.parts if part.status != "ok"]
    status = reverse("admin:service-status")
    return Overview(
        concerns=(
            *(Concern(f"{incident}", _page(incident)) for incident in incidents),
            *(_approval(switch) for switch in approvals),
            *(Concern(f"{part.label}: {part.status}", status) for part in down),
            *_unfinished(states),
            *_key_concerns(key),
        ),
        sections=(
            Section(title="Companies by state", figures=tuple(_company_figures(states))),
            Section(
                title="Safety",
                figures=(
                    Figure(
                        label="Open incidents",
                        value=str(len(incidents)) if len(incidents) < 5 else "5 or more",
                        tone=tone_of(len(incidents), tone="bad"),
                        url=list_url("ragsite_incident", state__in="open,mitigated"),
                    ),
                    Figure(
                        label="Wait for a second person",
                        value=str(len(approvals)),
                        tone=tone_of(len(approvals), tone="waiting"),
                        url=list_url("tenants_killswitch", state__exact="engaged"),
                    ),
                    Figure(
                        label="Switched off",
                        value=str(len(switches)),
                        tone=tone_of(len(switches), tone="waiting"),
                        url=list_url("tenants_killswitch", state__exact="engaged"),
                    ),
                    Figure(
                        label="Open findings",
                        value=str(open_findings),
                        tone=tone_of(open_findings, tone="waiting"),
                        url=list_url("tenants_tenant"),
                        note=f"in {sum(bool(row[3]) for row in companies.values())} companies",
                    ),
                ),
            ),
            Section(
                title="Installation",
                figures=(
                    Figure(
                        label="Parts that answer",
                        value=f"{len(report.parts) - len(down)} of {len(report.parts)}",
                        tone=tone_of(len(down), tone="bad"),
                        url=status,
                        note=", ".join(part.label for part in down) or "asked when this page was opened",
                    ),
                    Figure(
                        label="Files waiting",
                        value=str(waiting),
                        tone="working" if waiting else "muted",
                        note="in all companies",
                        url=f"{status}#backlog",
                    ),
                    Figure(
                        label="Database",
                        value=markup.file_size(_database_bytes()),
                        url=f"{status}#versions",
                    ),
                    Figure(
                        label="Documents",
                        value=markup.file_size(size_bytes),
                        note=f"{files} versions",
                        url="#chart-storage",
                    ),
                    Figure(
                        label="Signing key",
                        value=_age(key),
                        tone="muted" if key is None else "bad" if _is_old(key) else "good",
                        note="made with the first token" if key is None else f"rotated after {KEY_MAX_AGE.days} days",
                        url=list_url("tenants_signingkey"),
                    ),
                ),
                rankings=(_storage({pk: row[1] for pk, row in companies.items()}),),
            ),
        ),
    )


def _company_figures(states: dict[str, int]) -> list[Figure]:
    return [
        Figure(
            label=state.label,
            value=str(states.get(state, 0)),
            tone=_TONES[state] if states.get(state) else "muted",
            url=list_url("tenants_tenant", state__exact=state),
        )
        for state in Tenant.State
    ]


def _storage(size_bytes: dict[int, int]) -> Ranking:
    """The companies with the largest files, in KB; their names need a query of their own."""
    largest = sorted(size_bytes.items(), key=lambda item: (-item[1], item[0]))[:_LARGEST]
    names = dict(Tenant.objects.filter(pk__in=[pk for pk, _ in largest]).values_list("pk", "name"))
    return ranking(
        key="storage",
        title="Largest companies by documents",
        heading="Company",
        unit="KB",
        rows=[
            (names.get(pk, "?"), -(-size // 1024), reverse("admin:tenants_tenant_change", args=(pk,)))
            for pk, size in largest
            if size
        ],
        empty="No company has documents yet.",
        empty_url=reverse("admin:tenants_tenant_add"),
        empty_link="Set up a company",
    )


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _approval(switch: KillSwitch) -> Concern:
    whose = switch.tenant.name if switch.tenant is not None else "every company"
    text = f"{switch.get_feature_display()}, {whose}: somebody asks to switch it on again; a second person decides"
    return Concern(text, list_url("tenants_killswitch", state__exact="engaged"), tone="waiting")


def _unfinished(states: dict[str, int]) -> list[Concern]:
    if not states.get(Tenant.State.PROVISIONING):
        return []
    text = "A company was not set up to the end: onboard it again with the same host name"
    return [Concern(text, list_url("tenants_tenant", state__exact=Tenant.State.PROVISIONING), tone="waiting")]


def _key_concerns(key: SigningKey | None) -> list[Concern]:
    if key is None or not _is_old(key):
        return []
    return [Concern(f"The signing key is {_age(key)} old: rotate it", list_url("tenants_signingkey"), tone="waiting")]


def _is_old(key: SigningKey) -> bool:
    return timezone.now() - key.created_at > KEY_MAX_AGE


def _age(key: SigningKey | None) -> str:
    if key is None:
        return "none yet"
    days = (timezone.now() - key.created_at).days
    return "1 day" if days == 1 else f"{days} days"


def _page(incident: Incident) -> str:
    return reverse("admin:ragsite_incident_change", args=(incident.pk,))
