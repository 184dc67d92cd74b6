"""How the company's people sign in: the owner's page in the console."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanWidget,
)

from audit.stepping_up import step_up_first
from hr import access
from hr.models import Employee, IdentityProvider
from hr.services import single_sign_on as sso
from hr.signin import oidc
from hr.signin.oidc import fetching
from tenants import context

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_MAX_LINES = 50
_CLAIM = {"max_length": 100, "required": False, "widget": UnfoldAdminTextInputWidget}
_GROUPS = (
    ("Second step", ("two_factor_roles",)),
    (
        "Single sign-on",
        (
            "is_active",
            "name",
            "issuer",
            "client_id",
            "client_secret",
            "allowed_domains",
            "creates_people",
            "asks_second_factor",
        ),
    ),
    (
        "What the provider says about people",
        (
            "role_claim",
            "role_values",
            "department",
            "country",
            "site",
            "employment_type",
            "grade",
            "language",
        ),
    ),
    ("No other way in", ("sso_only_roles", "break_glass")),
)
_MAPPED = ("department", "country", "site", "employment_type", "grade", "language")


class SignInSettingsForm(forms.Form):
    """Second factors, the provider, and who must use it."""

    two_factor_roles = forms.MultipleChoiceField(
        required=False,
        choices=Employee.Role.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label="Second step required for",
        help_text="These people set one up with their next click and can do nothing before. Others may.",
    )
    is_active = forms.BooleanField(
        required=False, widget=UnfoldBooleanWidget, label="Single sign-on through the provider below"
    )
    name = forms.CharField(
        max_length=60,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        label="Name on the button",
        help_text="Such as “Acme account”.",
    )
    issuer = forms.CharField(
        max_length=300,
        required=False,
        widget=UnfoldAdminURLInputWidget,
        label="Issuer",
        help_text="The provider's address, letter by letter as it names itself, such as https://login.acme.example.",
    )
    client_id = forms.CharField(max_length=300, required=False, widget=UnfoldAdminTextInputWidget, label="Client id")
    client_secret = forms.CharField(
        max_length=500,
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        label="Client secret",
        help_text="Kept sealed and never shown again. Empty: as it is.",
    )
    allowed_domains = forms.CharField(
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        label="E-mail domains",
        help_text="One per line. Only verified addresses in them are matched with people, and only the first time; "
        "then the provider's own number for the person counts.",
    )
    creates_people = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget,
        label="Add people whom the provider vouches for and HR has not added yet",
    )
    asks_second_factor = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget,
        label="The provider asks for a second factor itself",
        help_text="Then it is not asked for again here.",
    )
    role_claim = forms.CharField(**_CLAIM, label="Claim with the role")  # type: ignore[arg-type]
    role_values = forms.CharField(
        max_length=4000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        label="What its values mean",
        help_text="One per line, such as “hr-team = hr”. Roles: employee, manager, hr. Owners are made by owners.",
    )
    department = forms.CharField(**_CLAIM, label="Claim with the department")  # type: ignore[arg-type]
    country = forms.CharField(**_CLAIM, label="Claim with the country", help_text="A code such as DE.")  # type: ignore[arg-type]
    site = forms.CharField(**_CLAIM, label="Claim with the site")  # type: ignore[arg-type]
    employment_type = forms.CharField(**_CLAIM, label="Claim with the employment type")  # type: ignore[arg-type]
    grade = forms.CharField(**_CLAIM, label="Claim with the grade")  # type: ignore[arg-type]
    language = forms.CharField(**_CLAIM, label="Claim with the language")  # type: ignore[arg-type]
    sso_only_roles = forms.MultipleChoiceField(
        required=False,
        choices=Employee.Role.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label="Only through the provider",
        help_text="Passwords and links no longer open for these roles.",
    )
    break_glass = forms.ModelChoiceField(
        queryset=Employee.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        label="Except this owner",
        help_text="Who can get in with a password on the day when the provider is down.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Employee.objects.active().filter(role=Employee.Role.CEO).order_by("last_name", "pk")
        self.fields["break_glass"].queryset = owners  # type: ignore[attr-defined]

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page shows them, under headings."""
        return [(heading, [self[name] for name in names]) for heading, names in _GROUPS]

    def clean_issuer(self) -> str:
        issuer: str = self.cleaned_data["issuer"].strip()
        if issuer:
            try:
                fetching.check_address(issuer)
            except oidc.UnsafeAddress as error:
                raise forms.ValidationError(str(error), code="unsafe") from None
        return issuer

    def clean_allowed_domains(self) -> tuple[str, ...]:
        domains = tuple(dict.fromkeys(line.lower() for line in self._lines("allowed_domains")))
        if wrong := next((name for name in domains if not _DOMAIN.fullmatch(name)), None):
            raise forms.ValidationError(f"{wrong} is no e-mail domain; write one such as acme.example.", code="domain")
        return domains

    def clean_role_values(self) -> tuple[tuple[str, str], ...]:
        pairs = []
        for line in self._lines("role_values"):
            value, _, role = (part.strip() for part in line.rpartition("="))
            if not value or role not in oidc.claims.GIVEN_ROLES:
                raise forms.ValidationError(
                    f"“{line}” is not understood; write “value = role” with employee, manager or hr.", code="role"
                )
            pairs.append((value, role))
        return tuple(pairs)

    def wanted(self) -> sso.SignInSettings:
        """The settings that were typed."""
        values = self.cleaned_data
        claims = tuple((name, values[name]) for name in _MAPPED if values[name])
        kept = {name: value for name, value in values.items() if name not in _MAPPED}
        for name in ("two_factor_roles", "sso_only_roles"):
            kept[name] = tuple(kept[name])
        return sso.SignInSettings(attribute_claims=claims, **kept)

    def _lines(self, name: str) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data[name].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > _MAX_LINES:
            raise forms.ValidationError(f"At most {_MAX_LINES} lines.", code="too_many")
        return lines


def sign_in_settings(request: HttpRequest, *, admin_site: Any) -> HttpResponse:
    """The page. Owners only: whoever decides how owners sign in could become one."""
    employee = getattr(request.user, "employee", None) if context.has_tenant() else None
    if employee is None or not access.may_manage_sign_in(employee):
        raise PermissionDenied
    asked = step_up_first(request)
    if asked is not None:
        return asked
    if request.method == "POST" and "test" in request.POST:
        _test(request)
        return HttpResponseRedirect(reverse("admin:sign-in-settings"))
    form = SignInSettingsForm(request.POST if request.method == "POST" else None, initial=_present())
    if form.is_bound and form.is_valid():
        try:
            sso.save_settings(settings=form.wanted())
            messages.success(request, "Saved. It counts from everybody's next click on.")
            return HttpResponseRedirect(reverse("admin:sign-in-settings"))
        except sso.CannotSave as error:
            form.add_error(None, str(error))
    values = {
        **admin_site.each_context(request),
        "title": "Signing in",
        "form": form,
        "provider": IdentityProvider.objects.first(),
        "redirect_uri": request.build_absolute_uri(reverse("sso-callback")),
    }
    return TemplateResponse(request, "admin/sign_in_settings.html", values)


def _test(request: HttpRequest) -> None:
    try:
        messages.success(request, sso.check_provider())
    except sso.NoProvider:
        messages.error(request, "Save a provider first.")
    except oidc.UnsafeAddress as error:
        messages.error(request, f"The provider names an address that is not asked: {error}")
    except oidc.ProviderUnavailable as error:
        messages.error(request, f"No usable answer from the provider ({error.reason}). Check the issuer's address.")


def _present() -> dict[str, Any]:
    tenant = context.current_tenant()
    roles = {"two_factor_roles": tenant.two_factor_roles, "sso_only_roles": tenant.sso_only_roles}
    provider = IdentityProvider.objects.first()
    if provider is None:
        return roles
    same = ("is_active", "name", "issuer", "client_id", "creates_people", "asks_second_factor", "role_claim")
    return {
        **roles,
        **{name: getattr(provider, name) for name in same},
        **provider.attribute_claims,
        "allowed_domains": "\n".join(provider.allowed_domains),
        "role_values": "\n".join(f"{value} = {role}" for value, role in provider.role_values.items()),
        "break_glass": provider.break_glass_id,
    }
