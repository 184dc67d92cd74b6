"""Findings, what people said to them, and the rules' figures."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import describing, markup, reasons
from audit import services as audit
from audit.actions import confirmed
from audit.console import ConsoleAdmin, ReadOnlyAdmin, badge
from audit.findings import services, wording
from audit.findings.models import Rule
from audit.models import Finding, SuspicionRule

_TONES: dict[str, str] = {
    Finding.State.OPEN: "bad",
    Finding.State.ACKNOWLEDGED: "working",
    Finding.State.DISMISSED: "muted",
}


class _ForReadersOfTheLog:
    """Whoever may read the audit log, on either kind of host."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("audit.view_auditlog")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("audit.view_auditlog")

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)


@admin.register(Finding)
class FindingAdmin(_ForReadersOfTheLog, ReadOnlyAdmin):
    """What the rules found: open ones first, newest first. Names only for who says why they look."""

    empty_text = "Rules look at the audit log on a schedule; what they find unusual is listed here."
    list_display = ["state_badge", "rule_name", "who", "counted", "when", "decision"]
    list_display_links = ["rule_name"]
    list_filter = ["state", "rule"]
    list_filter_sheet = True
    list_before_template = "admin/audit/before_findings.html"
    change_form_before_template = "admin/audit/before_row.html"
    search_fields = ["=subject"]
    search_help_text = "Exact: a pseudonym such as employee:17"
    ordering = ["-state", "-last_at", "-pk"]  # open, dismissed, acknowledged
    actions = ["acknowledge", "dismiss"]
    actions_detail = ["acknowledge", "dismiss"]
    fields = ["state_badge", "rule_name", "who", "subject", "counted", "advice", "when", "decision", "look_further"]
    readonly_fields = fields

    def audit_target(self, obj: Any) -> str:
        return f"finding:{obj.pk}"

    @display(description="State", ordering="state")
    def state_badge(self, finding: Finding) -> SafeString:
        return badge(text=finding.get_state_display(), tone=_TONES[finding.state])

    @display(description="Finding", ordering="rule")
    def rule_name(self, finding: Finding) -> str:
        return finding.get_rule_display()

    @display(description="Who or what", ordering="subject")
    def who(self, finding: Any) -> SafeString | str:
        told = getattr(finding, "told", None) or describing.Described(describing.plain(finding.subject, is_actor=True))
        return markup.link(told.text, told.url) if told.url else told.text

    @display(description="What was counted")
    def counted(self, finding: Finding) -> SafeString:
        return format_html('<span class="ao-said">{}</span>', wording.arithmetic_of(finding))

    @display(description="What to do")
    def advice(self, finding: Finding) -> str:
        return wording.ADVICE[Rule(finding.rule)]

    @display(description="When (UTC)", ordering="last_at")
    def when(self, finding: Finding) -> SafeString:
        same_day = finding.first_at.date() == finding.last_at.date()
        until = f"{finding.last_at:%H:%M}" if same_day else f"{finding.last_at:%Y-%m-%d %H:%M}"
        span = "" if finding.first_at == finding.last_at else f" to {until}"
        return format_html('<span class="ao-moment">{}</span>', f"{finding.first_at:%Y-%m-%d %H:%M}{span}")

    @display(description="Decision")
    def decision(self, finding: Finding) -> str:
        if finding.decided_at is None:
            return "–"
        by = describing.plain(finding.decided_by, is_actor=True)
        return f"{finding.decision_reason} ({by}, {finding.decided_at:%Y-%m-%d %H:%M})"

    @display(description="Look further")
    def look_further(self, finding: Finding) -> SafeString:
        log = reverse("admin:audit_auditlog_changelist")
        narrowed = {"at_from_0": f"{finding.first_at:%Y-%m-%d}", "at_from_1": f"{finding.first_at:%H:%M:%S}"}
        if finding.subject.startswith(("employee:", "service:", "operator:")):
            narrowed["actor"] = finding.subject
        elif finding.subject.startswith("document:"):
            narrowed["document"] = finding.subject.partition(":")[2]
        elif finding.rule == Rule.SIGN_IN_FAILURES:
            narrowed["verb"] = "session.sign_in_failed"
        return markup.link("The rows behind it in the audit log", f"{log}?{urlencode(narrowed)}")

    @confirmed(
        description="Acknowledge",
        consequence="It leaves the list of open findings, with what you write: what it was and what is done about it.",
        verb="finding.acknowledge",
        permission="decide",
        button="Acknowledge",
        done="Acknowledged",
        icon="check_circle",
        refusals=(services.AlreadyDecided,),
        available=lambda finding: finding.state == Finding.State.OPEN,
    )
    def acknowledge(self, request: HttpRequest, finding: Finding, *, reason: str) -> None:
        services.acknowledge(finding=finding, reason=reason)

    @confirmed(
        description="Dismiss",
        consequence="You say that it was nothing. The same episode is not found again; what comes later can be.",
        verb="finding.dismiss",
        permission="decide",
        button="Dismiss",
        done="Dismissed",
        icon="do_not_disturb_on",
        refusals=(services.AlreadyDecided,),
        available=lambda finding: finding.state == Finding.State.OPEN,
    )
    def dismiss(self, request: HttpRequest, finding: Finding, *, reason: str) -> None:
        services.dismiss(finding=finding, reason=reason)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The findings; a look is on record, with its reason where names are shown."""
        response = super().changelist_view(request, {**(extra_context or {}), **_head(request)})
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            changelist = response.context_data["cl"]  # type: ignore[index]
            changelist.result_list = list(changelist.result_list)
            _name(changelist.result_list, request)
            _record_look(request, details={"rows": len(changelist.result_list)})
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        finding = super().get_object(request, object_id, from_field)
        if finding is not None:
            _name([finding], request)
        return finding

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, {**(extra_context or {}), **_head(request)})
        if isinstance(response, TemplateResponse):
            _record_look(request, target=f"finding:{object_id}"[:120], details={"rows": 1})
        return response


@admin.register(SuspicionRule)
class SuspicionRuleAdmin(_ForReadersOfTheLog, ConsoleAdmin):
    """The rules with the figures that count here. They are there from the start; none is added or deleted."""

    list_display = ["state_badge", "rule_name", "limit", "compares", "tells"]
    list_display_links = ["rule_name"]
    ordering = ["pk"]
    readonly_fields = ["rule_name", "meaning"]
    fieldsets = [
        (None, {"fields": ["rule_name", "meaning", "is_on"]}),
        ("From how much on", {"fields": ["threshold", "window_minutes", "factor"]}),
        ("Working hours", {"fields": [("day_begins_hour", "day_ends_hour"), "working_days"]}),
        ("Mail", {"fields": ["notify_email"]}),
    ]

    def audit_target(self, obj: Any) -> str:
        return f"suspicion_rule:{obj.rule}"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hours count for one rule only, and so do comparisons."""
        rule = getattr(obj, "rule", "")
        compares = rule in (Rule.BURST, Rule.OFF_HOURS)
        limit = ["threshold", "window_minutes", *(["factor"] if compares else [])]
        found = [
            (title, {"fields": limit} if title == "From how much on" else given) for title, given in self.fieldsets
        ]
        return found if rule == Rule.OFF_HOURS else [one for one in found if one[0] != "Working hours"]

    @display(description="State", ordering="is_on")
    def state_badge(self, rule: SuspicionRule) -> SafeString:
        return badge(text="On", tone="good") if rule.is_on else badge(text="Off", tone="muted")

    @display(description="Rule")
    def rule_name(self, rule: SuspicionRule) -> str:
        return rule.get_rule_display()

    @display(description="What it means")
    def meaning(self, rule: SuspicionRule) -> str:
        return wording.ADVICE[Rule(rule.rule)]

    @display(description="From")
    def limit(self, rule: SuspicionRule) -> str:
        return wording.limit_of(rule)

    @display(description="Compared with")
    def compares(self, rule: SuspicionRule) -> str:
        if rule.rule not in (Rule.BURST, Rule.OFF_HOURS):
            return "–"
        return f"{rule.factor:g} times the person's own 28 days"

    @display(description="Mail")
    def tells(self, rule: SuspicionRule) -> str:
        return rule.notify_email or "–"

    def save_model(self, request: HttpRequest, obj: SuspicionRule, form: Any, change: bool) -> None:
        services.save_rule(rule=obj)


def _head(request: HttpRequest) -> dict[str, Any]:
    return {
        "reading": reasons.reading_of(request),
        "change_reason": f"{reasons.reason_url()}?{urlencode({'next': request.get_full_path()})}",
        "rules_url": reverse("admin:audit_suspicionrule_changelist"),
    }


def _name(findings: list[Any], request: HttpRequest) -> None:
    """Names for who said why; pseudonyms for everybody else."""
    labels = {finding.subject for finding in findings}
    named = reasons.reading_of(request) is not None
    known = describing.describe(labels=labels, user=request.user, with_names=named) if labels else {}
    for finding in findings:
        finding.told = known.get(finding.subject)


def _record_look(request: HttpRequest, *, target: str = "", details: dict[str, Any]) -> None:
    reading = reasons.reading_of(request)
    audit.record_read(
        verb="findings.read",
        target=target,
        reason=reading.reason if reading else "",
        details={**details, "names": reading is not None},
    )
