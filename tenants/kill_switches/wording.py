"""What is off, in words: calm ones for employees, with the reason for HR, in full for operators."""

from dataclasses import dataclass
from datetime import datetime

from tenants import context
from tenants.kill_switches import state
from tenants.kill_switches.state import Feature
from tenants.models import KillSwitch, Tenant

# What a refused person or program reads.
REFUSED: dict[str, str] = {
    Feature.EVERYTHING: "The assistant is switched off at the moment. Nothing is lost; please try again later.",
    Feature.LANGUAGE_MODEL: "The language model is switched off at the moment; answers are quoted from the documents.",
    Feature.TOOLS: "Looking things up in records is switched off at the moment. Your own pages still show them.",
    Feature.VECTORS: "Search by meaning is switched off at the moment; the words of a question are looked up.",
    Feature.UPLOADS: "Uploads are switched off at the moment. Nothing was taken in; please try again later.",
}
# What employees read on their pages while it is so: what they notice, and nothing about why.
_NOTICED: dict[str, str] = {
    Feature.LANGUAGE_MODEL: "Answers are quoted from the documents, word for word.",
    Feature.TOOLS: "Questions about your own record are not answered here; My leave and My pay still show it.",
    Feature.VECTORS: "Only the words of your question are looked up, so use those of the policy.",
}
# What HR and owners read in their console.
_MEANS: dict[str, str] = {
    Feature.EVERYTHING: "Everything is off: people and programs are refused, documents wait.",
    Feature.LANGUAGE_MODEL: "The language model is off: answers are quoted sentences.",
    Feature.TOOLS: "Looking into personal records is off: questions about one's own leave and pay are not answered.",
    Feature.VECTORS: "Search by meaning is off: questions are answered by their words, and new documents wait.",
    Feature.UPLOADS: "Uploads are off: no document can be added.",
}


@dataclass(frozen=True)
class Off:
    """One thing that is off for a company, as HR and owners read it. `reason` is empty where everybody is off."""

    feature: str
    means: str
    reason: str
    since: datetime
    until: datetime | None
    employee_id: int | None
    is_for_everybody: bool


def noticed_by_employees() -> list[str]:
    """What employees of the current company may notice at the moment. No query while it is known."""
    if not context.has_tenant() or not state.current().switches:
        return []
    return [text for feature, text in _NOTICED.items() if state.off(feature) is not None]


def told_to_company(*, tenant: Tenant, now: datetime) -> list[Off]:
    """What is off for a company and why, its people included; the longest first. One query."""
    with context.enter_platform():
        rows = list(KillSwitch.objects.in_force(now).of_company(tenant).order_by("enabled_at", "pk"))
    return [
        Off(
            feature=row.feature,
            means=_MEANS[row.feature] if row.employee_id is None else "One person is switched off.",
            # Why everybody is off may be another company's trouble.
            reason=row.reason if row.tenant_id is not None else "",
            since=row.enabled_at,
            until=row.expires_at,
            employee_id=row.employee_id,
            is_for_everybody=row.tenant_id is None,
        )
        for row in rows
    ]
