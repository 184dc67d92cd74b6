"""Everybody's own Security page: password, app, passkeys, recovery codes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hr.signed_in import signed_in_of
from hr.signin import factors, passkeys, people
from hr.signin.made_links import links_made_for
from hr.views.security import layout
from tenants import context

WRONG_CODE_TEXT = "This code is not right. Check that the clock of your phone is right, and type the next code."
NO_PASSKEY_TEXT = "The browser made no passkey. Please try again."


@require_safe
@layout.signed_in_page
def security(request: HttpRequest) -> HttpResponse:
    """What is set up, and what can be."""
    return layout.show(request, "hr/security/security.html", _page(request))


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@layout.signed_in_page
@layout.confirmed_lately
def add_app(request: HttpRequest) -> HttpResponse:
    """Scan, type the code, done. Recovery codes are shown with it when they are the first."""
    user = request.user
    wrong = False
    if request.method == "POST":
        try:
            made = factors.add_app(request, user=user, code=request.POST.get("code", "")[:64])  # type: ignore[arg-type]
            return _done(request, made, "Your authenticator app is set up.")
        except factors.WrongCode:
            wrong = True
    issuer = context.current_tenant().name if context.has_tenant() else "HR assistant platform"
    app = factors.new_app(request, user=user, issuer=issuer)  # type: ignore[arg-type]
    page = {"app": app, "wrong_text": WRONG_CODE_TEXT if wrong else ""}
    return layout.show(request, "hr/security/add_app.html", page, status=422 if wrong else 200)


@sensitive_post_parameters("passkey")
@require_http_methods(["GET", "HEAD", "POST"])
@layout.signed_in_page
@layout.confirmed_lately
def add_passkey(request: HttpRequest) -> HttpResponse:
    """The browser makes one; the page sends what it answered."""
    user = request.user
    problem = ""
    if request.method == "POST":
        name = " ".join(request.POST.get("name", "").split())[: factors.MAX_NAME_CHARS]
        try:
            made = factors.add_passkey(request, user=user, answer=request.POST.get("passkey", ""), name=name)  # type: ignore[arg-type]
            return _done(request, made, "Your passkey is set up.")
        except passkeys.PasskeyRefused:
            problem = NO_PASSKEY_TEXT
        except factors.TooManyPasskeys as error:
            problem = str(error)
    shown_name = user.get_full_name() or user.get_username()  # type: ignore[union-attr]
    options = passkeys.begin_registration(request, user=user, name=shown_name)  # type: ignore[arg-type]
    page = {"passkey_options": options, "wrong_text": problem}
    return layout.show(request, "hr/security/add_passkey.html", page, status=422 if problem else 200)


@require_POST
@layout.signed_in_page
@layout.confirmed_lately
def remove_factor(request: HttpRequest, factor_id: int) -> HttpResponse:
    """An app or a passkey of one's own. What is not there any more is gone already."""
    try:
        factors.remove(user=request.user, factor_id=factor_id)  # type: ignore[arg-type]
        messages.success(request, "Removed.")
    except factors.NoFactor:
        messages.error(request, "There is nothing like that to remove.")
    except factors.LastFactor as error:
        messages.error(request, str(error))
    return redirect("security")


@require_POST
@layout.signed_in_page
@layout.confirmed_lately
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes in place of the former ones, shown once."""
    try:
        made = factors.new_recovery_codes(user=request.user)  # type: ignore[arg-type]
    except factors.NoFactor:
        messages.error(request, "Set up an authenticator app or a passkey first.")
        return redirect("security")
    return _done(request, made, "These codes take the place of the former ones.")


def _done(request: HttpRequest, codes: tuple[str, ...], text: str) -> HttpResponse:
    """Codes are shown in the answer itself: they are in no message, session or log."""
    if codes:
        return layout.show(request, "hr/security/recovery_codes.html", {"codes": codes, "text": text})
    messages.success(request, text)
    return redirect("security")


def _links_made(user: object) -> list[str]:
    """Notices about sign-in links that somebody made for the person lately; none on the platform."""
    employee = getattr(user, "employee", None) if context.has_tenant() else None
    return [made.told for made in links_made_for(employee)] if employee is not None else []


def _page(request: HttpRequest) -> dict[str, object]:
    user = request.user
    return {
        "is_security": True,
        "links_made": _links_made(user),
        "places": signed_in_of(user=user, now=timezone.now(), request=request),
        "factors": factors.overview(user),  # type: ignore[arg-type]
        "required": people.needs_second_factor(user),  # type: ignore[arg-type]
        "change_password": reverse("change-password") if context.has_tenant() else reverse("admin:password_change"),
        "sign_out": layout.sign_out_page(),
    }
