"""Incidents: opened here, worked through on one page, closed with a cause, exported as the review."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.decorators import display

from audit import markup, reasons
from audit import services as audit
from audit.actions import confirmed
from audit.console import ConsoleAdmin, audit_url, badge
from ragsite import contacts
from ragsite.incidents import following, pages, report, services
from ragsite.incidents import forms as incident_forms
from ragsite.models import Incident, IncidentStep
from tenants.console import PlatformOnly


def _forget_reason_of_another(request: HttpRequest, incident: Incident) -> None:
    """A reason to read logs holds for a while; one that names another incident would stand beside this one's looks."""
    reading = reasons.reading_of(request)
    if reading is not None and reading.reason.startswith("INC-") and not reading.reason.startswith(incident.ref):
        reasons.forget_reason(request=request)


_TONES: dict[str, str] = {
    Incident.State.OPEN: "bad",
    Incident.State.MITIGATED: "waiting",
    Incident.State.RESOLVED: "good",
}


@admin.register(Incident)
class IncidentAdmin(PlatformOnly, ConsoleAdmin):
    """The list, the page to work through, and what is done to an incident as a whole."""

    empty_text = "When a leak is suspected, open one: it leads through every step and writes down who did what."
    list_display = ["state_badge", "ref", "title", "kind", "severity", "concerned", "progress", "opened"]
    list_display_links = ["ref", "title"]
    list_filter = ["state", "kind", "severity", ("companies", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["ref", "title", "companies__name"]
    search_help_text = "Reference, title or company"
    ordering = ["-opened_at", "-pk"]
    actions_detail = ["contain", "close"]

    def audit_target(self, obj: Any) -> str:
        return f"incident:{obj.ref}"

    def page_after_action(self, obj: Incident) -> str:
        return reverse("admin:ragsite_incident_change", args=(obj.pk,))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("companies", "steps")

    @display(description="State", ordering="state")
    def state_badge(self, incident: Incident) -> SafeString:
        return badge(text=incident.get_state_display(), tone=_TONES.get(incident.state, "muted"))

    @display(description="Companies")
    def concerned(self, incident: Incident) -> str:
        return ", ".join(company.name for company in incident.companies.all()) or "–"

    @display(description="Steps")
    def progress(self, incident: Incident) -> str:
        steps = list(incident.steps.all())
        ended = sum(step.state != IncidentStep.State.WAITING for step in steps)
        return f"{ended} of {len(steps)}" if steps else "–"

    @display(description="Opened", ordering="opened_at")
    def opened(self, incident: Incident) -> SafeString | str:
        return markup.when(incident.opened_at)

    # --- pages ----------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:incident_id>/steps/<int:step_id>/",
                view(require_POST(self.step_view)),
                name="ragsite_incident_step",
            ),
            path("<int:incident_id>/note/", view(require_POST(self.note_view)), name="ragsite_incident_note"),
            path("<int:incident_id>/report/", view(self.report_view), name="ragsite_incident_report"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Open an incident. `?company=<id>` chooses the company beforehand."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = incident_forms.OpenForm(request.POST or None, initial=incident_forms.initial_of(request.GET))
        if request.method == "POST" and form.is_valid():
            incident = services.open_incident(**form.cleaned_data)
            messages.success(request, f"{incident.ref} is open. Begin with the first step.")
            return HttpResponseRedirect(self.page_after_action(incident))
        values = {"title": "Open an incident", "form": form, "media": self.media + form.media}
        return TemplateResponse(
            request, "admin/incidents/open.html", {**self.admin_site.each_context(request), **values}
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page to work through. Whatever the logs say meanwhile is told in its timeline."""
        # Before the row is looked up: a refusal must not tell whether it is there.
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        incident = self.get_object(request, object_id)
        if incident is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        following.follow(incident)
        _forget_reason_of_another(request, incident)
        values = {
            **self.admin_site.each_context(request),
            "title": str(incident),
            "media": self.media,
            "incident": incident,
            "state": self.state_badge(incident),
            "phases": pages.phases_of(incident),
            "progress": pages.progress_of(incident),
            "timeline": pages.timeline_of(incident),
            "opened_by": pages.names_of({incident.opened_by}).get(incident.opened_by, incident.opened_by),
            "contacts": contacts.everybody(),
            "audit_url": audit_url(self.audit_target(incident)),
            "report_url": reverse("admin:ragsite_incident_report", args=(incident.pk,)),
            "duration": report.duration_of(incident),
        }
        return TemplateResponse(request, "admin/incidents/playbook.html", values)

    def step_view(self, request: HttpRequest, incident_id: int, step_id: int) -> HttpResponse:
        """A step was done elsewhere, or is not needed: in both cases in words."""
        incident = self._found(request, incident_id)
        step = incident.steps.filter(pk=step_id).select_related("incident").first()
        form = incident_forms.StepForm(request.POST)
        if step is None:
            raise Http404
        if not form.is_valid():
            messages.error(request, "Say in a few words what was done, or why the step is not needed.")
        else:
            how = form.cleaned_data["how"]
            words = form.cleaned_data["words"]
            try:
                if how == "skip":
                    services.skip_step(step=step, reason=words)
                else:
                    services.record_step(step=step, result=words)
            except (services.StepEnded, services.IncidentClosed) as error:
                messages.error(request, f"{error}.".capitalize())
        return HttpResponseRedirect(f"{self.page_after_action(incident)}#{step.key}-{step.pk}")

    def note_view(self, request: HttpRequest, incident_id: int) -> HttpResponse:
        incident = self._found(request, incident_id)
        form = incident_forms.NoteForm(request.POST)
        if not form.is_valid():
            messages.error(request, "A note needs 3 to 1,000 characters.")
        else:
            try:
                services.add_note(incident=incident, text=form.cleaned_data["text"])
            except services.IncidentClosed as error:
                messages.error(request, f"{error}.")
        return HttpResponseRedirect(f"{self.page_after_action(incident)}#timeline")

    def report_view(self, request: HttpRequest, incident_id: int) -> HttpResponse:
        """The post-incident review as a Markdown file."""
        incident = self._found(request, incident_id)
        following.follow(incident)
        actors = set(incident.timeline.values_list("actor", flat=True))
        text = report.as_markdown(incident=incident, names=pages.names_of(actors))
        audit.record_read(verb="incident.export", target=self.audit_target(incident))
        response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{incident.ref}.md"'
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _found(self, request: HttpRequest, incident_id: int) -> Incident:
        incident = self.get_object(request, str(incident_id))
        if incident is None or not self.has_change_permission(request, incident):
            raise Http404
        return incident  # type: ignore[no-any-return]

    # --- actions --------------------------------------------------------------------------------------------------
    @confirmed(
        description="Contained",
        consequence="It cannot get worse any more: access is stopped and the evidence is kept.",
        verb="incident.contain",
        button="Mark as contained",
        done="Contained",
        icon="shield",
        refusals=(services.WrongState,),
        available=lambda incident: incident.state == Incident.State.OPEN,
    )
    def contain(self, request: HttpRequest, incident: Incident, *, reason: str) -> None:
        services.contain(incident=incident, reason=reason)

    @confirmed(
        description="Close incident",
        consequence="The incident becomes a record that nobody changes any more. Export it for the review.",
        verb="incident.close",
        button="Close incident",
        done="Closed",
        icon="task_alt",
        form_class=incident_forms.CloseForm,
        refusals=(services.WrongState,),
        available=lambda incident: not incident.is_closed,
    )
    def close(self, request: HttpRequest, incident: Incident, *, reason: str, **written: Any) -> None:
        services.close(incident=incident, reason=reason, **written)
