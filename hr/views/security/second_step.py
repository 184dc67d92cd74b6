"""The second step of signing in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hr.signin import entering, factors, passkeys
from hr.views.security import layout

REFUSED_TEXT = "This is not right, or it was used before. Wait for the next code and try again."
TOO_LATE_TEXT = "That took too long or was wrong too often. Please begin again."


@sensitive_post_parameters("code", "passkey")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """A code of an app, a recovery code or a passkey, after the first proof was right. Otherwise: sign in first."""
    if request.user.is_authenticated:
        return redirect(layout.home())
    user = entering.awaited(request)
    if user is None:
        return redirect(layout.sign_in_page())
    refused = False
    if request.method == "POST":
        try:
            return redirect(_safe(request, _finish(request)))
        except entering.SecondFactorRefused:
            refused = True
        except entering.NothingPending:
            messages.error(request, TOO_LATE_TEXT)
            return redirect(layout.sign_in_page())
    page = {
        "has_app": factors.overview(user).app_id is not None,
        "passkey_options": passkeys.begin_authentication(request, user=user),
        "refused_text": REFUSED_TEXT if refused else "",
        "sign_in": layout.sign_in_page(),
    }
    return render(request, "hr/security/second_step.html", page, status=403 if refused else 200)


def _finish(request: HttpRequest) -> str:
    answer = request.POST.get("passkey", "")
    if answer:
        return entering.finish_with_passkey(request, answer=answer)
    return entering.finish_with_code(request, code=request.POST.get("code", "")[:64])


def _safe(request: HttpRequest, target: str) -> str:
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed else layout.home()
