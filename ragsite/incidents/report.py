"""The post-incident review as Markdown, with the headings of the Day-Two Operations Guide, section 10."""

from collections.abc import Mapping

from ragsite.incidents import playbook
from ragsite.models import Incident, IncidentStep

_NOTHING = "(to be written)"


def as_markdown(*, incident: Incident, names: Mapping[str, str]) -> str:
    """The whole incident. `names` are the operators behind the actors' labels. Three queries."""
    companies = ", ".join(company.name for company in incident.companies.order_by("name")) or "none"
    lines = [
        f"# {incident.ref}: {_line(incident.title)}",
        "",
        "### Summary",
        f"{incident.get_kind_display()}, severity {incident.get_severity_display().lower()}, "
        f"{incident.get_state_display().lower()}. Companies: {_line(companies)}.",
        "",
        incident.summary or _NOTHING,
        "",
        "### Timeline (UTC)",
        *(
            f"* {entry.at:%Y-%m-%d %H:%M:%S} – {names.get(entry.actor, entry.actor)}: {_line(entry.text)}"
            for entry in incident.timeline.order_by("at", "pk")
        ),
        "",
        "### Impact",
        incident.impact or _NOTHING,
        f"Duration: {duration_of(incident)}.",
        "",
        "### Root Cause",
        incident.root_cause or _NOTHING,
        "",
        "### Lessons Learned",
        f"- What worked: {_line(incident.worked) or _NOTHING}",
        f"- What didn’t: {_line(incident.did_not_work) or _NOTHING}",
        "",
        "### Action Items",
        "| Owner | Task | Date |",
        "|-------|------|------|",
        *(f"| {' | '.join(_cell(part) for part in item)} |" for item in incident.action_items),
        "",
        f"### Tags: {_line(incident.tags)}",
        "",
    ]
    skipped = incident.steps.filter(state=IncidentStep.State.SKIPPED).order_by("ordinal", "pk")
    if skipped:
        lines += ["### Steps that were skipped"]
        lines += [f"- {playbook.BY_KEY[step.key].title}: {_line(step.result)}" for step in skipped]
        lines += [""]
    return "\n".join(lines)


def duration_of(incident: Incident) -> str:
    """From the first suspicion to the end, in words."""
    if incident.resolved_at is None:
        return "not over yet"
    minutes = int((incident.resolved_at - incident.opened_at).total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{max(rest, 1)} min"


def _line(text: str) -> str:
    """One line: a line break would begin something else in Markdown."""
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
