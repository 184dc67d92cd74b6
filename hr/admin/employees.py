"""People, for HR and owners. Company hosts only; every change goes through hr.services."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from audit import markup
from audit.actions import ActionRefused, ReasonForm, confirmed
from audit.console import ConsoleAdmin, audit_url, badge
from hr import access, links, services
from hr.models import Employee
from tenants.console import CompanyOnly, OneTimeLink, show_link

_ONLY_OWNERS = "Only an owner may do this to an owner."


class EmployeeForm(forms.ModelForm):
    """A new person; later only the names can be changed here."""

    class Meta:
        model = Employee
        fields = ["first_name", "last_name", "email", "role", "employee_number"]

    roles_on_offer: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "employee_number" in self.fields:
            self.fields["employee_number"].required = False
            self.fields["employee_number"].help_text = "Empty: the next free number."
        if "role" in self.fields:
            self.fields["role"].choices = _choices(self.roles_on_offer)  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if Employee.objects.with_email(email).exists():
            raise forms.ValidationError("Somebody in this company already has this address.")
        return email


class RoleForm(ReasonForm):
    """Which role, and why."""

    role = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    field_order = ["role", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _choices(access.roles_given_by(_person(self.request)))  # type: ignore[attr-defined]
        if len(self.objects) == 1:
            self.initial.setdefault("role", self.objects[0].role)  # type: ignore[attr-defined]


@admin.register(Employee)
class EmployeeAdmin(CompanyOnly, ConsoleAdmin):
    """People and what they may do. Roles, deactivation and links are confirmed actions with a reason."""

    list_display = ["state_badge", "name", "email", "role_badge", "employee_number", "last_sign_in", "created"]
    list_display_links = ["name"]
    list_filter = ["is_active", "role"]
    list_select_related = ["user"]
    search_fields = ["first_name", "last_name", "email", "employee_number"]
    ordering = ["last_name", "first_name", "pk"]
    actions = ["change_role", "deactivate", "reactivate"]
    actions_detail = ["sign_in_link", "change_role", "deactivate", "reactivate"]
    form = EmployeeForm
    add_fieldsets = [(None, {"fields": ["first_name", "last_name", "email", "role", "employee_number"]})]
    fieldsets = [
        (None, {"fields": ["state_badge", "first_name", "last_name"]}),
        ("Record", {"fields": ["email", "role_badge", "employee_number", "last_sign_in", "created", "audit_trail"]}),
    ]

    def audit_target(self, obj: Any) -> str:
        return obj.actor_label

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["state_badge", "role_badge", "last_sign_in", "created", "audit_trail"]
        return shown if obj is None else [*shown, "email", "employee_number"]

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
        return badge(text="Active", tone="good")

    @display(description="Name", ordering="last_name")
    def name(self, employee: Employee) -> str:
        return f"{employee.last_name}, {employee.first_name}"

    @display(description="Role", ordering="role")
    def role_badge(self, employee: Employee) -> SafeString:
        tone = "secret" if employee.role in (Employee.Role.HR, Employee.Role.CEO) else "muted"
        return badge(text=employee.get_role_display(), tone=tone)

    @display(description="Last sign-in", ordering="user__last_login")
    def last_sign_in(self, employee: Employee) -> SafeString | str:
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
        description="New sign-in link",
        consequence="You get a link to hand over. With it the person chooses a new password, once, within 3 days.",
        verb="employee.sign_in_link",
        button="Make the link",
        icon="link",
        refusals=(services.NoLogin,),
        available=lambda employee: employee.is_active and employee.user_id is not None,
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
        form_class=RoleForm,
        refusals=(services.LastOwner,),
    )
    def change_role(self, request: HttpRequest, employee: Employee, *, reason: str, role: str) -> None:
        _check_may_administer(request, employee)
        services.change_role(employee=employee, role=role, reason=reason)

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
        available=lambda employee: not employee.is_active,
    )
    def reactivate(self, request: HttpRequest, employee: Employee, *, reason: str) -> None:
        _check_may_administer(request, employee)
        services.reactivate(employee=employee, reason=reason)

    def save_model(self, request: HttpRequest, obj: Employee, form: Any, change: bool) -> None:
        if change:
            services.rename_employee(employee=obj, first_name=obj.first_name, last_name=obj.last_name)
            return
        made = services.create_employee(**form.cleaned_data)
        obj.__dict__.update(made.__dict__)

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


def _choices(roles: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(role, Employee.Role(role).label) for role in roles]
