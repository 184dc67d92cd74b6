"""Pages for somebody who cannot release what they look at: no button, but who can, and the address to send them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from audit import actors
from tenants.kill_switches import services as switches
from tenants.models import KillSwitch


def wait_text(*, switch: KillSwitch | None) -> str:
    """Why the current actor has to wait for another operator; empty when they need not, or nothing is off."""
    if switch is None or not switch.is_engaged:
        return ""
    why_not = switches.why_not_release(switch=switch, by=actors.current_actor().label)
    return f"Waits for another operator. {why_not}" if why_not else ""


def offered(*, actions: list[Any], without: str, switch: KillSwitch | None) -> list[Any]:
    """The buttons of a page, less the one `without` that the current actor would only be refused."""
    if not wait_text(switch=switch):
        return actions
    return [action for action in actions if action.method.__name__ != without]


def tell(request: HttpRequest, *, switch: KillSwitch | None) -> None:
    """Say on the page that is shown now that another operator is waited for, and where they find it."""
    if request.method == "GET" and (text := wait_text(switch=switch)):
        messages.info(request, f"{text} Send them this address: {request.build_absolute_uri(request.path)}")
