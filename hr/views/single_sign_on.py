"""Signing in through the company's own provider."""

import time
from dataclasses import asdict
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from audit import services as audit
from hr.models import IdentityProvider
from hr.services import single_sign_on as sso
from hr.signin import entering, oidc
from hr.signin.oidc.flow import Started

log = structlog.get_logger(__name__)

_STARTED = "signin_sso"
# Sign-ins under way in one browser: one a tab.
_MAX_STARTED = 3
_STARTED_SECONDS = 600
REFUSED_TEXT = "Signing in this way did not work. Please try again, or turn to your HR department."
AWAY_TEXT = "Your company's sign-in provider does not answer right now. Please try again in a minute."


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the provider. With `confirm` the signed-in person proves there that it is still them."""
    provider = _provider()
    confirming = "confirm" in request.GET and request.user.is_authenticated
    if request.user.is_authenticated and not confirming:
        return redirect("/")
    try:
        started = oidc.begin(sso.talk_to(provider, redirect_uri=_redirect_uri(request)), again=confirming)
    except (oidc.ProviderUnavailable, oidc.UnsafeAddress) as error:
        return _away(request, error)
    kept = {**asdict(started), "at": time.time(), "next": request.GET.get("next", ""), "confirm": confirming}
    others = [each for each in request.session.get(_STARTED, []) if time.time() - each["at"] < _STARTED_SECONDS]
    request.session[_STARTED] = [*others[1 - _MAX_STARTED :], kept]
    return redirect(started.url)


@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider. Whatever is wrong, the page says the same; the audit log says what."""
    provider = _provider()
    kept = _take_started(request, request.GET.get("state", ""))
    if kept is None:
        return _refuse(request, "state")
    if "code" not in request.GET:
        return _refuse(request, "denied")
    started = Started(kept["url"], kept["state"], kept["nonce"], kept["verifier"])
    talking = sso.talk_to(provider, redirect_uri=_redirect_uri(request))
    try:
        token = oidc.finish(
            talking,
            started=started,
            state=request.GET["state"],
            code=request.GET["code"],
            issuer=request.GET.get("iss", ""),
        )
        return _come_in(request, provider, kept, sso.claims_of(provider, token))
    except oidc.InvalidAnswer as error:
        return _refuse(request, error.reason)
    except sso.SsoRefused:  # recorded where it was found
        return _page(request, REFUSED_TEXT, status=403)
    except (oidc.ProviderUnavailable, oidc.UnsafeAddress) as error:
        return _away(request, error)


def _come_in(
    request: HttpRequest, provider: IdentityProvider, kept: dict[str, Any], claims: oidc.ProviderClaims
) -> HttpResponse:
    target = kept["next"]
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    target = target if target and allowed else "/"
    if kept["confirm"]:
        if not request.user.is_authenticated:
            return redirect("sign-in")
        sso.confirm_by_provider(request=request, claims=claims)
        return redirect(target)
    progress = sso.sign_in_by_provider(request=request, provider=provider, claims=claims, target=target)
    return redirect(target if progress is entering.Progress.SIGNED_IN else "second-step")


def _provider() -> IdentityProvider:
    provider = sso.active_provider()
    if provider is None:
        raise Http404
    return provider


def _redirect_uri(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("sso-callback"))


def _take_started(request: HttpRequest, state: str) -> dict[str, Any] | None:
    """The sign-in under way with this state, which counts once."""
    waiting = request.session.get(_STARTED, [])
    found: dict[str, Any] | None = next((each for each in waiting if each["state"] == state), None)
    request.session[_STARTED] = [each for each in waiting if each is not found]
    return found if found is not None and time.time() - found["at"] < _STARTED_SECONDS else None


def _refuse(request: HttpRequest, reason: str) -> HttpResponse:
    audit.record_refusal(verb="session.sign_in_failed", reason=f"sso_{reason}"[:100])
    return _page(request, REFUSED_TEXT, status=403)


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("sign_in_provider_away", reason=getattr(error, "reason", type(error).__name__))
    response = _page(request, AWAY_TEXT, status=503)
    response["Retry-After"] = "15"
    return response


def _page(request: HttpRequest, text: str, *, status: int) -> HttpResponse:
    return render(request, "hr/security/sso_refused.html", {"text": text}, status=status)
