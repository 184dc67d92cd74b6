"""People, for HR and owners. Company hosts only; every change goes through hr.services."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.actions import ActionRefused, confirmed, page_action
from audit.console import ConsoleAdmin, audit_url, badge
from audit.stepping_up import step_up_first
from hr import access, links, records, services, signed_in
from hr.admin import importing, inviting
from hr.admin.ending import EndSessionsForm
from hr.admin.filters import CountryFilter, DepartmentFilter, LoginFilter, SiteFilter
from hr.admin.forms import RECORD_FIELDS, EmployeeForm, RoleForm
from hr.models import Employee
from hr.signin import factors
from tenants.console import CompanyOnly, OneTimeLink, show_link

_ONLY_OWNERS = "Only an owner may do this to an owner."


_PERSON = [("first_name", "last_name"), "email", ("employee_number", "language")]
_EMPLOYMENT = [
    ("department", "manager"),
    ("country", "site"),
    ("employment_type", "grade"),
    "working_days_per_week",
    ("start_date", "end_date"),
]


@admin.register(Employee)
class EmployeeAdmin(CompanyOnly, ConsoleAdmin):
    """People and what they may do. Roles, deactivation and links are confirmed actions with a reason."""

    list_verb, read_verb = "employees.list", "employee.read"
    empty_text = "Import a spreadsheet of your people, or add them one by one."
    list_display = [
        "state_badge",
        "name",
        "role_badge",
        "department",
        "place",
        "employment",
        "reports_to",
        "last_seen",
    ]
    list_display_links = ["name"]
    list_filter = ["is_active", "role", DepartmentFilter, CountryFilter, SiteFilter, "employment_type", LoginFilter]
    list_select_related = ["user", "manager"]
    show_full_result_count = False
    search_fields = ["first_name", "last_name", "email", "employee_number"]
    search_help_text = "Name, e-mail address or employee number"
    ordering = ["last_name", "first_name", "pk"]
    actions = ["invite", "change_role", "revoke_tokens", "deactivate", "reactivate"]
    actions_list = ["import_people", "export_people"]
    actions_detail = [
        "invite",
        "sign_in_link",
        "reset_second_factor",
        "change_role",
        "end_sessions",
        "revoke_tokens",
        "deactivate",
        "reactivate",
    ]
    autocomplete_fields = ["manager"]
    form = EmployeeForm
    add_fieldsets = [(None, {"fields": [*_PERSON, "role"]}), ("Employment", {"fields": _EMPLOYMENT})]
    fieldsets = [
        (None, {"fields": ["state_badge", "role_badge", *_PERSON]}),
        ("Employment", {"fields": _EMPLOYMENT}),
        ("History", {"fields": ["last_seen", "created", "audit_trail"]}),
    ]

    def audit_target(self, obj: Any) -> str:
        return obj.actor_label

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["state_badge", "role_badge", "last_seen", "created", "audit_trail"]
        # An owner's address is the way into the company, and the last day closes it; the service refuses them, too.
        if obj is not None and not access.may_administer(by=_person(request), employee=obj):
            return [*shown, *access.OWNERS_FIELDS]
        return shown

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.roles_on_offer = access.roles_given_by(_person(request))  # a class made for this request
        return form

    @display(description="State", ordering="is_active")
    def state_badge(self, employee: Employee) -> SafeString:
        if not employee.is_active:
            return badge(text="Deactivated", tone="muted")
        if employee.user is None:
            return badge(text="No login", tone="waiting")
        if _is_waiting(employee):
            return badge(text="No password yet", tone="waiting", title="Invite them to choose one.")
        return badge(text="Active", tone="good")

    @display(description="Name", ordering="last_name")
    def name(self, employee: Employee) -> str:
        return f"{employee.last_name}, {employee.first_name}"

    @display(description="Role", ordering="role")
    def role_badge(self, employee: Employee) -> SafeString:
        tone = "secret" if employee.role in (Employee.Role.HR, Employee.Role.CEO) else "muted"
        return badge(text=employee.get_role_display(), tone=tone)

    @display(description="Country, site", ordering="country")
    def place(self, employee: Employee) -> SafeString | str:
        if not employee.country:
            return badge(text="No country", tone="waiting", title="Which policies apply to them is not known.")
        return ", ".join(filter(None, (records.country_name(employee.country), employee.site)))

    @display(description="Employment", ordering="employment_type")
    def employment(self, employee: Employee) -> str:
        days = "" if employee.working_days_per_week == 5 else f"{employee.working_days_per_week.normalize():f} days"
        return ", ".join(filter(None, (employee.get_employment_type_display(), days))) or "–"

    @display(description="Manager", ordering="manager__last_name")
    def reports_to(self, employee: Employee) -> str:
        return str(employee.manager or "–")

    @display(description="Last sign-in", ordering="user__last_login")
    def last_seen(self, employee: Employee) -> SafeString | str:
        if employee.user is None or employee.user.last_login is None:
            return "never"
        return markup.when(employee.user.last_login)

    @display(description="Added", ordering="created_at")
    def created(self, employee: Employee) -> SafeString | str:
        return markup.when(employee.created_at)

    @display(description="Audit log")
    def audit_trail(self, employee: Employee) -> SafeString:
        return markup.link(f"Done to or by {employee.actor_label}", audit_url(employee.actor_label))

    @confirmed(
        description="Invite",
        consequence="Each person gets a link to choose a password, once, within 3 days: by mail where the installation "
        "has a mail server, otherwise shown to you on the next page to hand over.",
        verb="employee.invite",
        button="Invite",
        icon="mail",
        step_up=True,  # without a mail server the links are shown
        refusals=(services.NoLogin, services.AlreadySignedUp),
        available=lambda employee: _is_waiting(employee),
        summary=inviting.show_invitations,
    )
    def invite(self, request: HttpRequest, employee: Employee, *, reason: str) -> services.Invitation:
        _check_may_administer(request, employee)
        return services.invite(employee=employee, base_url=request.build_absolute_uri("/"), reason=reason)

    @confirmed(
        description="New sign-in link",
        consequence="You get a link to hand over. With it the person chooses a new password, once, within 3 days. They "
        "have a password: whoever opens this link can act as them. They will be told.",
        verb="employee.sign_in_link",
        button="Make the link",
        icon="link",
        danger=True,  # whoever holds the link takes the account over
        refusals=(services.NoLogin,),
        available=lambda employee: employee.is_active and employee.user_id is not None and not _is_waiting(employee),
    )
    def sign_in_link(self, request: HttpRequest, employee: Employee, *, reason: str) -> HttpResponse:
        _check_may_administer(request, employee)
        path = services.new_sign_in_link(employee=employee, reason=reason)
        return self._show_link(request, employee, path, heading=f"Sign-in link for {employee}")

    @confirmed(
        description="Change role",
        consequence="What the person may read and do changes with their very next click; they sign in to the API anew.",
        verb="employee.change_role",
        button="Change role",
        done="Role changed",
        icon="badge",
        step_up=True,
        form_class=RoleForm,
        refusals=(services.LastOwner,),
    )
    def change_role(self, request: HttpRequest, employee: Employee, *, reason: str, role: str) -> None:
        _check_may_administer(request, employee)
        services.change_role(employee=employee, role=role, reason=reason)

    @confirmed(
        description="Revoke tokens and sessions",
        consequence="The person is signed out everywhere with their next click or call, and can sign in again at once.",
        verb="employee.revoke_tokens",
        button="Revoke",
        done="Signed out everywhere",
        icon="lock_reset",
        available=lambda employee: employee.user_id is not None,
    )
    def revoke_tokens(self, request: HttpRequest, employee: Employee, *, reason: str) -> None:
        _check_may_administer(request, employee)
        ended = signed_in.end_all(employee=employee, reason=reason)
        messages.info(request, f"{employee}: {ended.browsers} browsers and {ended.programs} programs are signed out.")

    @confirmed(
        description="End sessions",
        consequence="What you choose is signed out with its next click or call. You see where the person is signed in, "
        "and nothing of what they do there.",
        verb="session.end",
        button="End them",
        done="Ended",
        icon="devices",
        form_class=EndSessionsForm,
        refusals=(signed_in.NotSignedIn,),
        available=lambda employee: employee.user_id is not None,
    )
    def end_sessions(self, request: HttpRequest, employee: Employee, *, reason: str, places: list[str]) -> None:
        _check_may_administer(request, employee)
        signed_in.end_some(user=employee.user, refs=places, reason=reason)

    @confirmed(
        description="Deactivate",
        consequence="The person is signed out everywhere with their next click and cannot sign in. The record stays.",
        verb="employee.deactivate",
        button="Deactivate",
        done="Deactivated",
        icon="person_off",
        danger=True,
        refusals=(services.LastOwner,),
        available=lambda employee: employee.is_active,
    )
    def deactivate(self, request: HttpRequest, employee: Employee, *, reason: str) -> None:
        _check_may_administer(request, employee)
        services.deactivate(employee=employee, reason=reason)

    @confirmed(
        description="Reactivate",
        consequence="The person can sign in again with the password they had.",
        verb="employee.reactivate",
        button="Reactivate",
        done="Reactivated",
        icon="person_check",
        refusals=(services.LastDayPassed,),
        available=lambda employee: not employee.is_active,
    )
    def reactivate(self, request: HttpRequest, employee: Employee, *, reason: str) -> None:
        _check_may_administer(request, employee)
        services.reactivate(employee=employee, reason=reason)

    @page_action(description="Import", icon="upload_file", url_path="import", permission="add", step_up=True)
    def import_people(self, request: HttpRequest) -> HttpResponse:
        return importing.import_page(self, request)

    @confirmed(
        description="Remove second factor",
        consequence="App, passkeys and recovery codes of the person are removed, for somebody who lost them. Make sure "
        "that it is them who ask: from now on their password is enough, until they set up another.",
        verb="second_factor.reset",
        button="Remove",
        done="Second factor removed",
        icon="phonelink_erase",
        danger=True,
        refusals=(services.NoSecondFactor,),
        available=lambda employee: employee.user is not None and factors.has_any(employee.user),
    )
    def reset_second_factor(self, request: HttpRequest, employee: Employee, *, reason: str) -> None:
        _check_may_administer(request, employee)
        services.reset_second_factor(employee=employee, reason=reason)

    @page_action(description="Export", icon="download", url_path="export", permission="view", step_up=True)
    def export_people(self, request: HttpRequest) -> HttpResponse:
        return importing.send_export(request)

    def get_urls(self) -> list[Any]:
        template = self.admin_site.admin_view(self.template_view)
        return [path("import/template/", template, name="hr_employee_import_template"), *super().get_urls()]

    def template_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return importing.send_template(request)

    def save_model(self, request: HttpRequest, obj: Employee, form: Any, change: bool) -> None:
        if change:
            values = {name: form.cleaned_data[name] for name in RECORD_FIELDS if name in form.cleaned_data}
            services.update_record(employee=obj, by=_person(request), **values)
            return
        made = services.create_employee(**form.cleaned_data)
        obj.__dict__.update(made.__dict__)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        # Whoever adds a person gets the link with which that person, HR for instance, signs in.
        asked = step_up_first(request)
        return asked if asked is not None else super().add_view(request, form_url, extra_context)

    def response_add(self, request: HttpRequest, obj: Employee, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_link(request, obj, links.sign_in_path(obj), heading=f"{obj} was added")

    def _show_link(self, request: HttpRequest, employee: Employee, path: str, *, heading: str) -> HttpResponse:
        link = OneTimeLink(
            heading=heading,
            url=request.build_absolute_uri(path),
            recipient=employee.email,
            facts=(f"Role: {employee.get_role_display()}", f"Employee number: {employee.employee_number}"),
            continue_url=reverse("admin:hr_employee_changelist"),
        )
        return show_link(request=request, admin_site=self.admin_site, link=link)


def _person(request: HttpRequest) -> Employee:
    return request.user.employee  # type: ignore[union-attr]


def _check_may_administer(request: HttpRequest, employee: Employee) -> None:
    if not access.may_administer(by=_person(request), employee=employee):
        raise ActionRefused(_ONLY_OWNERS)


def _is_waiting(employee: Employee) -> bool:
    """Could be invited: active, with a login for which no password was ever chosen."""
    return employee.is_active and employee.user is not None and not employee.user.has_usable_password()
