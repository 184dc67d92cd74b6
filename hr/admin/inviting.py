"""The page that answers an invitation: whom the mail went to, and the links that have to be handed over."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from hr.services import Invitation


def show_invitations(model_admin: Any, request: HttpRequest, invitations: list[Invitation]) -> HttpResponse:
    """The links are stored nowhere: not in a message, a session or a log."""
    values = {
        **model_admin.admin_site.each_context(request),
        "title": "Invited" if len(invitations) == 1 else f"{len(invitations)} people invited",
        "media": model_admin.media,
        "shown": [invitation for invitation in invitations if not invitation.mailed],
        "mailed": [invitation for invitation in invitations if invitation.mailed],
    }
    headers = {"Cache-Control": "private, no-store"}
    return TemplateResponse(request, "admin/hr/employee/invitations.html", values, headers=headers)
