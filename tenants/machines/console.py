"""What the consoles of companies and of the platform share about service accounts: forms, badges, the secret's page."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from audit import markup
from audit.actions import ReasonForm
from audit.console import ReadOnlyAdmin, audit_url, badge
from tenants.machines import lifetimes
from tenants.machines.scopes import ApiScope

_TONES = {"active": "good", "cut_off": "bad", "orphaned": "bad", "expired": "muted", "revoked": "muted"}
_STATES = {
    "active": ("Active", ""),
    "cut_off": ("Cut off", "All secrets from before the company's cut-off are refused: rotate it."),
    "orphaned": ("Nobody answers for it", "Who did has left or may not any more: take it over."),
    "expired": ("Expired", "Rotate it to give it another secret."),
    "revoked": ("Revoked", "For good: make another one."),
}


class ServiceAccountForm(forms.Form):
    """A new account. Subclasses say which scopes there are."""

    known: tuple[ApiScope, ...] = ()

    name = forms.CharField(
        max_length=100, widget=UnfoldAdminTextInputWidget(), help_text="Of the program, such as Intranet search."
    )
    purpose = forms.CharField(
        max_length=500,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="What it is for, and whom to ask about it.",
    )
    scopes = forms.MultipleChoiceField(
        widget=UnfoldAdminCheckboxSelectMultipleWidget(), help_text="As few as it needs. They cannot be changed later."
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=lifetimes.MAX_DAYS,
        initial=lifetimes.DEFAULT_DAYS,
        widget=UnfoldAdminIntegerFieldWidget(),
        label="Good for (days)",
        help_text=f"Then it needs another secret. {lifetimes.MAX_DAYS} at most.",
    )
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept in the audit log. Write why, without personal detail.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(scope.name, f"{scope.name}: {scope.says}") for scope in self.known]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]


class RotationForm(ReasonForm):
    days = forms.IntegerField(
        min_value=1,
        max_value=lifetimes.MAX_DAYS,
        initial=lifetimes.DEFAULT_DAYS,
        widget=UnfoldAdminIntegerFieldWidget(),
        label="Good for (days)",
    )
    overlap_hours = forms.IntegerField(
        min_value=0,
        max_value=lifetimes.MAX_OVERLAP_HOURS,
        initial=0,
        widget=UnfoldAdminIntegerFieldWidget(),
        label="The former secret works for (hours)",
        help_text="So that the program can be given the new one without a gap. 0: it ends now, as after a leak.",
    )
    field_order = ["days", "overlap_hours", "reason"]


@dataclass(frozen=True)
class ShownSecret:
    """A secret as it is shown to who made it: once, on the page that answers the click."""

    account: Any
    text: str
    continue_url: str


def show_secret(*, request: HttpRequest, admin_site: Any, shown: ShownSecret) -> HttpResponse:
    """The page with the secret. It is stored nowhere: not in a message, a session or a log."""
    title = f"Secret of {shown.account}"
    values = {**admin_site.each_context(request), "title": title, "shown": shown}
    headers = {"Cache-Control": "private, no-store"}
    return TemplateResponse(request, "admin/service_account_secret.html", values, headers=headers)


class ServiceAccountConsole(ReadOnlyAdmin):
    """Lists and pages of service accounts; each console adds its own actions."""

    form_class = ServiceAccountForm
    prefix = ""

    list_display = ["state_badge", "name", "scope_names", "expires", "used", "answers"]
    list_display_links = ["name"]
    search_fields = ["name", "purpose"]
    ordering = ["-created_at", "-pk"]

    def audit_target(self, obj: Any) -> str:
        return str(obj.actor_label)

    @display(description="State")
    def state_badge(self, account: Any) -> SafeString:
        state = account.state(now=timezone.now())
        text, hint = _STATES[state]
        return badge(text=text, tone=_TONES[state], title=hint)

    @display(description="May")
    def scope_names(self, account: Any) -> str:
        return ", ".join(account.scopes)

    @display(description="Expires", ordering="expires_at")
    def expires(self, account: Any) -> str:
        return f"{account.expires_at:%Y-%m-%d}"

    @display(description="Last used", ordering="last_used_at")
    def used(self, account: Any) -> SafeString | str:
        return "never" if account.last_used_at is None else markup.when(account.last_used_at)

    @display(description="Made", ordering="created_at")
    def created(self, account: Any) -> SafeString | str:
        return markup.when(account.created_at)

    @display(description="Former secret works until")
    def former(self, account: Any) -> str:
        until = account.former_until
        return "–" if until is None or until <= timezone.now() else f"{until:%Y-%m-%d %H:%M} UTC"

    @display(description="Secret begins with")
    def secret_begins(self, account: Any) -> str:
        return f"{self.prefix}_{account.public_id}_…"

    @display(description="Audit log")
    def audit_trail(self, account: Any) -> SafeString:
        return markup.link("Done to or by this account", audit_url(account.actor_label))

    def new_account_page(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        values = {"title": "New service account", "form": form, "media": self.media, "opts": self.opts}
        template = "admin/new_service_account.html"
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **values})

    def secret_page(self, request: HttpRequest, issued: Any) -> HttpResponse:
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=(issued.account.pk,))
        shown = ShownSecret(account=issued.account, text=issued.secret, continue_url=page)
        return show_secret(request=request, admin_site=self.admin_site, shown=shown)
