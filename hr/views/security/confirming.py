"""Confirming again who one is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hr.models import ExternalIdentity
from hr.services import single_sign_on
from hr.signin import passkeys, stepup
from hr.views.security import layout
from tenants import context

REFUSED_TEXT = "This is not right. Please try again."


@sensitive_post_parameters("proof", "passkey")
@require_http_methods(["GET", "HEAD", "POST"])
@layout.signed_in_page
def confirm_identity(request: HttpRequest) -> HttpResponse:
    """Password, code or passkey; then back to what was wanted."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    refused = False
    if request.method == "POST":
        try:
            _confirm(request)
            return redirect(_safe(request, target))
        except stepup.SessionEnded:
            return redirect(layout.sign_in_page())
        except stepup.NotConfirmed:
            refused = True
    page = {
        "next": target,
        "only_factor": stepup.must_use_factor(request),
        "passkey_options": passkeys.begin_authentication(request, user=request.user),  # type: ignore[arg-type]
        "refused_text": REFUSED_TEXT if refused else "",
        "sso": _sso_page(request, target),
        "sign_out": layout.sign_out_page(),
    }
    return layout.show(request, "hr/security/confirm.html", page, status=403 if refused else 200)


def _sso_page(request: HttpRequest, target: str) -> str:
    """For those whom the company's provider knows: some have no password here at all."""
    if not context.has_tenant() or single_sign_on.active_provider() is None:
        return ""
    if not ExternalIdentity.objects.filter(employee=request.user.employee).exists():  # type: ignore[union-attr]
        return ""
    return f"{reverse('sso')}?{urlencode({'confirm': '1', 'next': target})}"


def _confirm(request: HttpRequest) -> None:
    answer = request.POST.get("passkey", "")
    if answer:
        stepup.confirm_with_passkey(request, answer=answer)
    else:
        stepup.confirm(request, proof=request.POST.get("proof", "")[:256])


def _safe(request: HttpRequest, target: str) -> str:
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and allowed else layout.home()
