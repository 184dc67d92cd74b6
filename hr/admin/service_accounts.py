"""A company's service accounts in its console, for HR and the owner."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import UnfoldAdminRadioSelectWidget

from audit.actions import confirmed
from audit.stepping_up import step_up_first
from hr import access
from hr.models import Employee, ServiceAccount
from hr.services import service_accounts as accounts
from tenants.console import CompanyOnly
from tenants.machines import lifetimes
from tenants.machines.console import RotationForm, ServiceAccountConsole, ServiceAccountForm
from tenants.machines.scopes import COMPANY_SCOPES

Reads = ServiceAccount.Reads


class CompanyAccountForm(ServiceAccountForm):
    known = COMPANY_SCOPES

    role = forms.ChoiceField(
        choices=Reads.choices,
        initial=Reads.EMPLOYEE,
        widget=UnfoldAdminRadioSelectWidget(),
        label="Reads",
        help_text="Nobody's pay, leave balance or own documents in either case.",
    )
    field_order = ["name", "purpose", "role", "scopes", "days", "reason"]


class _ForAccounts(CompanyOnly):
    """Who gets in: the one decision of hr.access."""

    def _may(self, request: HttpRequest) -> bool:
        # On the platform's host there is no table of employees to ask.
        employee = getattr(request.user, "employee", None) if self.belongs_here() else None
        return employee is not None and access.may_manage_service_accounts(employee)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self._may(request)


@admin.register(ServiceAccount)
class ServiceAccountAdmin(_ForAccounts, ServiceAccountConsole):
    """Programs that call the company's API in their own name."""

    form_class = CompanyAccountForm
    prefix = "hrs"
    list_filter = ["role"]
    list_select_related = ["responsible"]
    actions_detail = ["rotate", "take_over", "revoke"]
    fields = [
        "state_badge",
        "name",
        "purpose",
        "role",
        "scope_names",
        "answers",
        "secret_begins",
        "expires",
        "former",
        "used",
        "created",
        "revoked_reason",
        "audit_trail",
    ]
    readonly_fields = fields

    @display(description="Answers for it", ordering="responsible__last_name")
    def answers(self, account: ServiceAccount) -> str:
        return str(account.responsible or "nobody")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if (asked := step_up_first(request)) is not None:  # the next page shows a secret
            return asked
        form = self.form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                issued = accounts.create_service_account(by=_person(request), now=timezone.now(), **form.cleaned_data)
            except (lifetimes.NameTaken, lifetimes.WrongScopes) as error:
                form.add_error(None, str(error))
            else:
                return self.secret_page(request, issued)
        return self.new_account_page(request, form)

    @confirmed(
        description="Rotate",
        consequence="The program gets another secret, which is shown on the next page only.",
        verb="service_account.rotate",
        permission="view",
        button="Make another secret",
        icon="autorenew",
        step_up=True,
        form_class=RotationForm,
        refusals=(lifetimes.NotUsable,),
        available=lambda account: account.revoked_at is None,
    )
    def rotate(
        self, request: HttpRequest, account: ServiceAccount, *, reason: str, days: int, overlap_hours: int
    ) -> HttpResponse:
        issued = accounts.rotate_service_account(
            account=account,
            by=_person(request),
            now=timezone.now(),
            days=days,
            overlap_hours=overlap_hours,
            reason=reason,
        )
        return self.secret_page(request, issued)

    @confirmed(
        description="Take over",
        consequence="From now on you answer for this program; it stops when you leave.",
        verb="service_account.take_over",
        permission="view",
        button="Take over",
        done="Taken over",
        icon="front_hand",
        refusals=(lifetimes.NotUsable,),
        available=lambda account: account.revoked_at is None,
    )
    def take_over(self, request: HttpRequest, account: ServiceAccount, *, reason: str) -> None:
        accounts.answer_for_service_account(account=account, by=_person(request), reason=reason)

    @confirmed(
        description="Revoke",
        consequence="The program is refused from its next call on, for good.",
        verb="service_account.revoke",
        permission="view",
        button="Revoke",
        done="Revoked",
        icon="key_off",
        danger=True,
        refusals=(lifetimes.NotUsable,),
        available=lambda account: account.revoked_at is None,
    )
    def revoke(self, request: HttpRequest, account: ServiceAccount, *, reason: str) -> None:
        accounts.revoke_service_account(account=account, by=_person(request), now=timezone.now(), reason=reason)


def _person(request: HttpRequest) -> Employee:
    return request.user.employee  # type: ignore[union-attr]
