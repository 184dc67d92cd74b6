"""Where a page was come from, and the reason that was given there: `?back=/admin/...&reason=...`.

For pages that lead to actions, such as the steps of an incident. Both are only proposals: the reason stands in a field
that the person reads and sends, the way back must be a page of the console.
"""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

_MAX_REASON_CHARS = 500


def way_back(request: HttpRequest, *, otherwise: str) -> str:
    """The page of the console to which the person returns after what they do here."""
    back = request.GET.get("back", "")
    if back.startswith("/admin/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return otherwise


def given_reason(request: HttpRequest) -> str:
    """What the reason field begins with."""
    return request.GET.get("reason", "").replace("\x00", "")[:_MAX_REASON_CHARS]
