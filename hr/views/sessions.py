"""Coming in, going out, and the password."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from hr import links, services
from hr.forms import ChangePasswordForm, ChoosePasswordForm, SignInForm
from hr.pages import employee_page
from hr.services import single_sign_on

REFUSED_TEXT = "This e-mail address and password do not fit together. Please try again."


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail address and password. The same words for every failure."""
    target = _safe_target(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = SignInForm(request.POST if request.method == "POST" else None)
    refused = False
    if form.is_valid():
        try:
            progress = services.sign_in(request=request, target=target, **form.cleaned_data)
            return redirect(target if progress is services.Progress.SIGNED_IN else "second-step")
        except services.SignInRefused:
            refused = True
    elif form.is_bound:
        refused = True
    page = {
        "provider": single_sign_on.active_provider(),
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "refused": refused,
    }
    return render(request, "hr/sign_in.html", page | {"refused_text": REFUSED_TEXT}, status=403 if refused else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """By POST only, so that no link or picture can do it."""
    services.sign_out(request=request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """A one-time link: choose a password, and you are in."""
    user = links.user_of_link(uid=uid, token=token)
    if user is None:
        return render(request, "hr/link_spent.html", status=404)
    form = ChoosePasswordForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            password = form.cleaned_data["password"]
            progress = services.sign_in_by_link(request=request, uid=uid, token=token, password=password)
        except services.LinkRefused:
            return render(request, "hr/link_spent.html", status=404)
        messages.success(request, "Your password is set. Welcome!")
        return redirect(settings.LOGIN_REDIRECT_URL if progress is services.Progress.SIGNED_IN else "second-step")
    status = 422 if form.is_bound else 200
    return render(request, "hr/choose_password.html", {"form": form, "person": user.employee}, status=status)


@sensitive_post_parameters("present", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def change_password(request: HttpRequest) -> HttpResponse:
    """For the signed-in person."""
    employee = request.employee  # type: ignore[attr-defined]
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=employee.user)
    if form.is_valid():
        services.change_password(request=request, employee=employee, password=form.cleaned_data["password"])
        messages.success(request, "Your password is changed. Other devices have to sign in again.")
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "hr/change_password.html", {"form": form}, status=422 if form.is_bound else 200)


def _safe_target(request: HttpRequest) -> str:
    """Where `next` leads when that is on this very host; otherwise the first page."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed else resolve_url(settings.LOGIN_REDIRECT_URL)
