"""Where one is signed in: ending one place, or all others."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from hr import signed_in
from hr.views.security import layout


@require_POST
@layout.signed_in_page
def end_session(request: HttpRequest) -> HttpResponse:
    """One of one's own. What has ended meanwhile is gone already."""
    try:
        signed_in.end_one(user=request.user, ref=request.POST.get("place", "")[:100])
        messages.success(request, "Signed out there.")
    except signed_in.NotSignedIn:
        messages.error(request, "That session has ended already.")
    return redirect("security")


@require_POST
@layout.signed_in_page
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Everything but this browser, programs with tokens included."""
    ended = signed_in.end_elsewhere(user=request.user, request=request)
    count = ended.browsers + ended.programs
    messages.success(request, f"Signed out in {count} other place{'' if count == 1 else 's'}.")
    return redirect("security")
