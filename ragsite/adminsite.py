"""The admin as two consoles, by host: the platform's for operators, a company's for its HR and owners."""

import json
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib import auth, messages
from django.contrib.auth.views import LoginView, redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

from audit import actors
from audit import services as audit
from audit.attempts import attempt_of
from hr import access
from hr import services as hr
from hr.signin import entering
from hr.views.sign_in_settings import sign_in_settings
from ragsite import sign_in_limits, statuspage
from ragsite.saved_filters import views as filters
from tenants import context
from tenants import services as tenants
from tenants.forms import CompanySettingsForm

# A library's own admin classes would save rows behind our services' backs, and show on both kinds of host.
_OURS = frozenset({"audit", "tenants", "hr", "documents", "retrieval", "ragsite"})


class OperatorSignInForm(AuthenticationForm):
    """Operators sign in by e-mail address, which Django keeps as the user name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"


class OperatorSignInView(LoginView):
    """The first step. Django's own view would begin the session with it."""

    def form_valid(self, form: Any) -> HttpResponse:
        target = self.get_success_url()
        progress = entering.enter(self.request, user=form.get_user(), how="password", target=target)
        return HttpResponseRedirect(target if progress is entering.Progress.SIGNED_IN else reverse("second-step"))

    def form_invalid(self, form: Any) -> HttpResponse:
        throttled = getattr(self.request, "axes_locked_out", False)
        audit.record_refusal(
            verb="session.sign_in_failed",
            reason="throttled" if throttled else "credentials",
            details=attempt_of(request=self.request, account=self.request.POST.get("username", "")),
        )
        return super().form_invalid(form)


class Console(UnfoldAdminSite):
    """One registry, two consoles. Employees sign in and out through the one sign-in page of their company."""

    index_title = "Overview"
    login_form = OperatorSignInForm
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only admin classes of ours are taken; a library's model gets in through one of those or not at all."""
        if admin_class is not None and admin_class.__module__.split(".")[0] in _OURS:
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators on the platform's host; on a company's host its active HR people and owners."""
        if not request.user.is_authenticated:
            return False
        if not context.has_tenant():
            return bool(request.user.is_active and request.user.is_superuser)
        employee = getattr(request.user, "employee", None)
        return employee is not None and access.may_manage_documents(employee)

    def get_urls(self) -> list[Any]:
        """Without Django's "view on site": it looks up any row of any model by its number, and nothing here uses it."""
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    def extra_urls(self) -> list[URLPattern]:
        # Its pages use admin classes, which are registered here.
        from ragsite import companylogs

        status = partial(statuspage.service_status, admin_site=self)
        signing_in = partial(sign_in_settings, admin_site=self)
        return [
            path("settings/", self.admin_view(self.company_settings), name="company-settings"),
            path("settings/sign-in/", self.admin_view(signing_in), name="sign-in-settings"),
            path("status/", self.admin_view(status), name="service-status"),
            path("filters/", self.admin_view(filters.save), name="save-filter"),
            *companylogs.urls(),
            path("filters/<int:filter_id>/delete/", self.admin_view(filters.delete), name="delete-filter"),
        ]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """In a company: its own sign-in page. On the platform: the operator's, recorded whatever its outcome."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if context.has_tenant():
            if request.user.is_authenticated:  # signed in, but neither HR nor owner: the page is not there for them
                return TemplateResponse(request, "admin/no_access.html", status=403)
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("sign-in"))
        values = {**self.each_context(request), "title": "Sign in", "subtitle": None, **(extra_context or {})}
        values |= {"app_path": request.get_full_path(), "username": request.user.get_username()}
        if "next" not in request.GET and "next" not in request.POST:
            values["next"] = reverse("admin:index")
        request.current_app = self.name  # type: ignore[attr-defined]
        view = OperatorSignInView.as_view(
            authentication_form=self.login_form, template_name="admin/login.html", extra_context=values
        )
        account = request.POST.get("username", "")
        return sign_in_limits.limit(request, account=account, respond=lambda: view(request))  # type: ignore[return-value]

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method != "POST":  # a link or an image elsewhere must not sign anybody out
            return HttpResponseNotAllowed(["POST"])
        if context.has_tenant():
            hr.sign_out(request=request)
            return HttpResponseRedirect(reverse("sign-in"))
        with transaction.atomic():
            if request.user.is_authenticated:
                audit.record(verb="session.sign_out", target=actors.current_actor().label)
            auth.logout(request)
        return HttpResponseRedirect(reverse("admin:login"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """For operators. An employee's password is changed on the company's account page, which ends other sessions."""
        if context.has_tenant():
            return HttpResponseRedirect(reverse("change-password"))
        with transaction.atomic():
            response = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == 302:
                audit.record(verb="operator.choose_password", target=actors.current_actor().label)
            return response

    def search(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The theme's search over all models is switched off: it keeps its results in the cache across permissions."""
        return HttpResponse("")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """What a field of a form offers, mostly people; recorded as their list is."""
        response = super().autocomplete_view(request)
        if response.status_code != 200:
            return response
        form_of = apps.get_model(request.GET["app_label"], request.GET["model_name"])
        offered = form_of._meta.get_field(request.GET["field_name"]).remote_field.model
        if verb := getattr(self._registry[offered], "list_verb", ""):
            audit.record_read(verb=verb, details={"rows": len(json.loads(response.content)["results"])})
        return response

    def company_settings(self, request: HttpRequest) -> HttpResponseBase:
        """What the company decides for itself; on the platform the same is on the company's page."""
        if not context.has_tenant():
            return HttpResponseRedirect(reverse("admin:index"))
        tenant = context.current_tenant()
        form = CompanySettingsForm(request.POST or None, initial=CompanySettingsForm.initial_of(tenant))
        if request.method == "POST" and form.is_valid():
            tenants.update_settings(tenant=tenant, **form.cleaned_data)
            messages.success(request, "Saved. It counts from the next question on.")
            return HttpResponseRedirect(reverse("admin:company-settings"))
        values = {**self.each_context(request), "title": "Company settings", "form": form, "tenant": tenant}
        return TemplateResponse(request, "admin/company_settings.html", values)
