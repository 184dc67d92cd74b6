"""The operator's console: companies, their host names and the keys that sign their tokens. Platform host only."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from audit import actors, markup
from audit.actions import confirmed
from audit.console import ConsoleAdmin, audit_url, badge
from audit.stepping_up import step_up_first
from tenants import cutoffs, key_admin, services  # noqa: F401  (key_admin registers by being imported)
from tenants.console import OneTimeLink, PlatformOnly, show_link
from tenants.forms import CompanySettingsForm, HostNameForm, OnboardForm, TypedNameForm
from tenants.kill_switches import admin as switches_admin  # noqa: F401  (registered by being imported)
from tenants.kill_switches import effect, second_person
from tenants.kill_switches import services as switches
from tenants.kill_switches.forms import SwitchOffForm
from tenants.machines import admin as machines_admin  # noqa: F401  (registers by being imported)
from tenants.models import Domain, KillSwitch, Tenant

_TENANT_TONES: dict[str, str] = {
    Tenant.State.ACTIVE: "good",
    Tenant.State.SUSPENDED: "bad",
    Tenant.State.PROVISIONING: "working",
}
_SETTINGS = [
    "min_confidence_threshold",
    "contact_name",
    "contact_email",
    "suggested_questions",
    "time_zone",
    "requires_review",
]


class DomainInline(PlatformOnly, TabularInline):
    """Host names of a company. Added and removed through services; never changed in place."""

    model = Domain
    form = HostNameForm
    fields = ["domain", "is_primary"]
    readonly_fields = ["is_primary"]
    extra = 0
    can_delete = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TenantForm(CompanySettingsForm, forms.ModelForm):
    """The company's page: its settings, with suggested questions one per line."""

    # Who reads its people's questions is the company's own decision, not its operator's.
    hr_reading = None  # type: ignore[assignment]

    class Meta:
        model = Tenant
        fields = ["min_confidence_threshold", "contact_name", "contact_email", "time_zone", "requires_review"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        if instance is not None:
            kwargs["initial"] = {**self.initial_of(instance), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


@admin.register(Tenant)
class TenantAdmin(PlatformOnly, ConsoleAdmin):
    """Companies. Onboarding, suspension and settings each go through one service."""

    empty_text = "Set up the first company: its host name and the first person of it."
    list_display = ["state_badge", "name", "host_names", "schema_name", "state_reason", "created"]
    list_display_links = ["name"]
    list_filter = ["state"]
    search_fields = ["name", "schema_name", "domains__domain", "=uuid"]
    ordering = ["name", "pk"]
    inlines = [DomainInline]
    actions = ["suspend", "request_resume", "resume", "revoke_tokens"]
    actions_detail = ["suspend", "switch_off", "request_resume", "resume", "revoke_tokens"]
    form = TenantForm
    readonly_fields = ["state_badge", "state_reason", "name", "schema_name", "uuid", "created", "audit_trail"]
    fieldsets = [
        (None, {"fields": ["state_badge", "state_reason", "name", "schema_name", "uuid", "created", "audit_trail"]}),
        (
            "What the company decides for itself",
            {"fields": _SETTINGS},
        ),
    ]

    def audit_target(self, obj: Any) -> str:
        return f"tenant:{obj.uuid}"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        actions = super().get_actions_detail(request, object_id)
        tenant = self.get_object(request, str(object_id))
        return second_person.offered(actions=actions, without="resume", switch=_suspension(tenant))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        second_person.tell(request, switch=_suspension(kwargs.get("obj")))
        return super().render_change_form(request, context, **kwargs)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("domains")

    @display(description="State", ordering="state")
    def state_badge(self, tenant: Tenant) -> SafeString:
        return badge(text=tenant.get_state_display(), tone=_TENANT_TONES.get(tenant.state, "muted"))

    @display(description="Host names")
    def host_names(self, tenant: Tenant) -> str:
        return ", ".join(domain.domain for domain in tenant.domains.all())

    @display(description="Since", ordering="created_at")
    def created(self, tenant: Tenant) -> SafeString | str:
        return markup.when(tenant.created_at)

    @display(description="Audit log")
    def audit_trail(self, tenant: Tenant) -> SafeString:
        return format_html(
            "{}<br>{}<br>{}",
            markup.link("What was done to this company", audit_url(self.audit_target(tenant))),
            markup.link(
                "Its log, findings and access patterns", reverse("admin:tenants_tenant_log", args=(tenant.pk,))
            ),
            markup.link("A data leak is suspected", f"{reverse('admin:ragsite_incident_add')}?company={tenant.pk}"),
        )

    @confirmed(
        description="Suspend company",
        consequence="Its people are refused at once, on pages and by API, and its documents wait. All data stays. "
        "To resume it takes another operator than you.",
        verb="tenant.suspend",
        button="Suspend",
        done="Suspended",
        icon="pause_circle",
        danger=True,
        form_class=TypedNameForm,
        refusals=(services.WrongTenantState, switches.CannotSwitchOff),
        available=lambda tenant: tenant.state == Tenant.State.ACTIVE,
    )
    def suspend(self, request: HttpRequest, tenant: Tenant, *, reason: str, typed_name: str) -> None:
        switch = services.suspend(tenant=tenant, reason=reason)
        messages.info(request, f"{tenant}: {effect.measure(switch=switch)}.")

    @confirmed(
        description="Revoke tokens and sessions",
        consequence="Everybody of the company is signed out with their next click or call, browsers and programs "
        "alike, and secrets of its service accounts are refused until they are rotated. People can sign in at once.",
        verb="tenant.revoke_tokens",
        button="Revoke",
        done="Revoked",
        icon="lock_reset",
        danger=True,
        available=lambda tenant: tenant.state != Tenant.State.PROVISIONING,
    )
    def revoke_tokens(self, request: HttpRequest, tenant: Tenant, *, reason: str) -> None:
        ended = cutoffs.cut_off(tenant=tenant, reason=reason)
        messages.info(request, f"{tenant}: {ended.browsers} browsers and {ended.programs} programs are signed out.")

    @confirmed(
        description="Switch off a feature",
        consequence="The company works on without it, and its HR reads why. "
        "To switch it on again takes another operator than you.",
        verb="kill_switch.engage",
        button="Switch off",
        done="Switched off for",
        icon="power_settings_new",
        danger=True,
        form_class=SwitchOffForm,
        refusals=(switches.AlreadyOff, switches.CannotSwitchOff),
        available=lambda tenant: tenant.state != Tenant.State.PROVISIONING,
    )
    def switch_off(
        self, request: HttpRequest, tenant: Tenant, *, reason: str, feature: str, lasts: datetime | None, **_: Any
    ) -> None:
        switch = switches.engage(
            scope=KillSwitch.Scope.TENANT,
            feature=feature,
            tenant=tenant,
            by=actors.current_actor().label,
            reason=reason,
            expires_at=lasts,
        )
        messages.info(request, f"{switch}: {effect.measure(switch=switch)}.")

    @confirmed(
        description="Ask for resumption",
        consequence="The company stays suspended until another operator resumes it.",
        verb="kill_switch.request_release",
        button="Ask for it",
        done="Asked for",
        icon="front_hand",
        refusals=(services.WrongTenantState,),
        available=lambda tenant: tenant.state == Tenant.State.SUSPENDED,
    )
    def request_resume(self, request: HttpRequest, tenant: Tenant, *, reason: str) -> None:
        services.request_resume(tenant=tenant, reason=reason)

    @confirmed(
        description="Resume company",
        consequence="Its people can sign in and ask again, and waiting documents are processed. "
        "Who suspended it, or asked for this, cannot do it.",
        verb="tenant.resume",
        button="Resume",
        done="Resumed",
        icon="play_circle",
        step_up=True,
        refusals=(services.WrongTenantState, switches.SecondPersonNeeded),
        available=lambda tenant: tenant.state == Tenant.State.SUSPENDED,
    )
    def resume(self, request: HttpRequest, tenant: Tenant, *, reason: str) -> None:
        services.resume(tenant=tenant, reason=reason)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Onboarding. Takes a few seconds: the new schema's migrations run in the request."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if (asked := step_up_first(request)) is not None:  # the next page shows an administrator's link
            return asked
        form = OnboardForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                onboarded = services.onboard(**form.cleaned_data)
            except services.CannotOnboard as error:
                form.add_error(None, str(error))
            else:
                return self._onboarded(request, onboarded, form.cleaned_data)
        values = {"title": "New company", "form": form, "media": self.media}
        return TemplateResponse(request, "admin/onboard.html", {**self.admin_site.each_context(request), **values})

    def _onboarded(self, request: HttpRequest, onboarded: services.Onboarded, given: dict[str, str]) -> HttpResponse:
        page = reverse("admin:tenants_tenant_change", args=(onboarded.tenant.pk,))
        if onboarded.sign_in_link is None:
            messages.info(
                request,
                f"{onboarded.tenant} was set up before and its administrator has a password; nothing was changed.",
            )
            return HttpResponseRedirect(page)
        link = OneTimeLink(
            heading=f"{onboarded.tenant} {'is ready' if onboarded.created else 'was set up before'}",
            url=company_url(request, given["domain"], onboarded.sign_in_link),
            recipient=given["admin_email"],
            facts=(f"Host name: {given['domain']}", f"Schema: {onboarded.tenant.schema_name}"),
            continue_url=page,
        )
        return show_link(request=request, admin_site=self.admin_site, link=link)

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        services.update_settings(tenant=obj, **{name: form.cleaned_data[name] for name in _SETTINGS})

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        formset.changed_objects, formset.new_objects = [], list(formset.new_objects)
        for domain in formset.new_objects:
            services.add_domain(tenant=form.instance, domain=domain.domain)
        for domain in formset.deleted_objects:
            try:
                services.remove_domain(domain=domain)
            except services.LastHostName as error:
                messages.error(request, str(error))


def company_url(request: HttpRequest, domain: str, path: str) -> str:
    """The address of a path on a company's host, with the scheme and port of the console that was asked."""
    _, _, port = request.get_host().partition(":")
    return f"{request.scheme}://{domain}{':' + port if port else ''}{path}"


def _suspension(tenant: Tenant | None) -> KillSwitch | None:
    """What keeps a company suspended. One query for a suspended company, none for others."""
    if tenant is None or tenant.state != Tenant.State.SUSPENDED:
        return None
    return switches.suspension_of(tenant)
