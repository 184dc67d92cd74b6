"""A recent proof of who is clicking. How it is given is known above (hr.signin.stepup), reached by settings.STEPS."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.module_loading import import_string


def step_up_first(request: HttpRequest) -> HttpResponse | None:
    """For pages that are dangerous to open, such as an export, and for forms that save what is dangerous.

    A redirect to where the person proves who they are, and comes back from; None when they did lately. After a POST
    they come back to the form, not to what was typed: ask on GET, too.
    """
    pages = [page for page in _steps("STEP_UP_PAGE", request=request) if page]
    return HttpResponseRedirect(pages[0]) if pages else None


def proof_form(request: HttpRequest, *, answered: bool) -> forms.Form | None:
    """The question who is clicking, for a form of the console; None when it need not be asked.

    Its `is_valid` checks and records the answer. After too many wrong ones the request's user is nobody.
    """
    asked = [form for form in _steps("STEP_UP_FORM", request=request, answered=answered) if form is not None]
    return asked[0] if asked else None


def _steps(name: str, **kwargs: Any) -> list[Any]:
    """As tenants.steps.run_steps, which this layer cannot import."""
    return [import_string(path)(**kwargs) for path in settings.STEPS[name]]
