"""The platform's service accounts in the operators' console."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import display

from audit.actions import confirmed
from audit.stepping_up import step_up_first
from tenants.console import PlatformOnly
from tenants.machines import accounts, lifetimes
from tenants.machines.console import RotationForm, ServiceAccountConsole, ServiceAccountForm
from tenants.machines.scopes import PLATFORM_SCOPES
from tenants.models import PlatformServiceAccount


class PlatformAccountForm(ServiceAccountForm):
    known = PLATFORM_SCOPES


@admin.register(PlatformServiceAccount)
class PlatformServiceAccountAdmin(PlatformOnly, ServiceAccountConsole):
    """Programs that call the platform's API in their own name."""

    form_class = PlatformAccountForm
    prefix = "hrp"
    actions_detail = ["rotate", "take_over", "revoke"]
    fields = [
        "state_badge",
        "name",
        "purpose",
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @display(description="Answers for it")
    def answers(self, account: PlatformServiceAccount) -> str:
        operator = User.objects.filter(pk=account.operator_id or 0).first()
        return operator.get_username() if operator is not None else "nobody"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if (asked := step_up_first(request)) is not None:  # the next page shows a secret
            return asked
        form = self.form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                issued = accounts.create(operator_id=_operator_id(request), now=timezone.now(), **form.cleaned_data)
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
        self, request: HttpRequest, account: PlatformServiceAccount, *, reason: str, days: int, overlap_hours: int
    ) -> HttpResponse:
        issued = accounts.rotate(
            account=account, now=timezone.now(), days=days, overlap_hours=overlap_hours, reason=reason
        )
        return self.secret_page(request, issued)

    @confirmed(
        description="Take over",
        consequence="From now on you answer for this program; it stops when you are no operator any more.",
        verb="service_account.take_over",
        permission="view",
        button="Take over",
        done="Taken over",
        icon="front_hand",
        refusals=(lifetimes.NotUsable,),
        available=lambda account: account.revoked_at is None,
    )
    def take_over(self, request: HttpRequest, account: PlatformServiceAccount, *, reason: str) -> None:
        accounts.take_over(account=account, operator_id=_operator_id(request), reason=reason)

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
    def revoke(self, request: HttpRequest, account: PlatformServiceAccount, *, reason: str) -> None:
        accounts.revoke(account=account, now=timezone.now(), reason=reason)


def _operator_id(request: HttpRequest) -> int:
    operator_id = request.user.pk
    assert operator_id is not None, "signed in"
    return operator_id
