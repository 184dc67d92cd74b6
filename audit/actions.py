"""The one decorator for dangerous actions of the admin: a page that lists the objects, a required reason, a permission,
a recent proof of who is clicking, and an audit row written by the service that the action calls."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from audit import returning
from audit import services as audit
from audit.stepping_up import proof_form, step_up_first

# Django refuses forms of more than 1,000 fields, and nobody reads a longer list before confirming it.
MAX_OBJECTS = 200


class ActionRefused(Exception):
    """The person may not do this to this object. The message is shown to them."""


class ReasonForm(forms.Form):
    """The confirmation's form. Actions that need more subclass it; cleaned fields reach the action by name."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Kept in the audit log. Write why, without personal detail.",
    )

    def __init__(self, *args: Any, request: HttpRequest, objects: Sequence[Model], **kwargs: Any) -> None:
        self.request = request
        self.objects = objects
        super().__init__(*args, **kwargs)
        self.initial.setdefault("reason", returning.given_reason(request))


@dataclass(frozen=True)
class ConfirmedAction:
    """What the confirmation page says and asks."""

    description: str
    consequence: str
    verb: str
    permission: str
    button: str
    done: str
    danger: bool
    step_up: bool
    form_class: type[ReasonForm]
    refusals: tuple[type[Exception], ...]
    summary: Callable[..., HttpResponse] | None


def confirmed(
    *,
    description: str,
    consequence: str,
    verb: str,
    permission: str = "change",
    button: str = "Confirm",
    done: str = "Done",
    icon: str = "",
    danger: bool = False,
    step_up: bool = False,
    form_class: type[ReasonForm] = ReasonForm,
    refusals: tuple[type[Exception], ...] = (),
    available: Callable[[Any], bool] | None = None,
    summary: Callable[..., HttpResponse] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make an action for a list (`actions`) and a page (`actions_detail`) of `method(self, request, obj, *, reason)`.

    The method makes one service call for one object; the service writes the audit row. `permission` names a
    `has_<permission>_permission` of the admin class; errors in `refusals` become friendly messages and refusals
    in the audit log under `verb`. `available(obj)` tells whether the object's state allows it. A response that it
    returns for a single object is shown (a one-time link, for example). `summary(model_admin, request, results)` makes
    one page of what the method returned for all objects for which it succeeded. A dangerous action, and one with
    `step_up`, asks for password or code when the person last proved who they are too long ago.
    """
    spec = ConfirmedAction(
        description=description,
        consequence=consequence,
        verb=verb,
        permission=permission,
        button=button,
        done=done,
        danger=danger,
        step_up=danger or step_up,
        form_class=form_class,
        refusals=(*refusals, ActionRefused),
        summary=summary,
    )

    def decorate(perform: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(perform)
        def action(model_admin: Any, request: HttpRequest, queryset: Any = None, object_id: str | None = None) -> Any:
            if not _is_permitted(spec, model_admin, request):
                raise PermissionDenied
            if object_id is None:
                return _on_list(spec, perform, model_admin, request, queryset)
            return _on_page(spec, perform, model_admin, request, object_id)

        _describe(action, description=description, icon=icon, permission=permission)
        action.variant = ActionVariant.DANGER if danger else ActionVariant.DEFAULT  # type: ignore[attr-defined]
        action.url_path = perform.__name__.replace("_", "-")  # type: ignore[attr-defined]
        action.available = available  # type: ignore[attr-defined]
        return action

    return decorate


def page_action(
    *, description: str, icon: str, url_path: str, permission: str, primary: bool = False, step_up: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A button that leads somewhere and changes nothing by itself: a download, a form. Checked like `confirmed`."""

    def decorate(show: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(show)
        def action(model_admin: Any, request: HttpRequest, **kwargs: Any) -> Any:
            if not getattr(model_admin, f"has_{permission}_permission")(request):
                raise PermissionDenied
            asked = step_up_first(request) if step_up else None
            return asked if asked is not None else show(model_admin, request, **kwargs)

        _describe(action, description=description, icon=icon, permission=permission)
        action.variant = ActionVariant.PRIMARY if primary else ActionVariant.DEFAULT  # type: ignore[attr-defined]
        action.url_path = url_path  # type: ignore[attr-defined]
        return action

    return decorate


def _describe(action: Any, *, description: str, icon: str, permission: str) -> None:
    """Attributes that Django's and unfold's action machinery read."""
    action.allowed_permissions = [permission]
    action.short_description = description
    action.icon = icon
    action.attrs = {}


def _is_permitted(spec: ConfirmedAction, model_admin: Any, request: HttpRequest) -> bool:
    return bool(getattr(model_admin, f"has_{spec.permission}_permission")(request))


def _on_list(spec: ConfirmedAction, perform: Any, model_admin: Any, request: HttpRequest, queryset: Any) -> Any:
    objects = list(queryset[: MAX_OBJECTS + 1])
    if len(objects) > MAX_OBJECTS:
        messages.error(request, f"At most {MAX_OBJECTS} at a time: the list has to be read before it is confirmed.")
        return None
    hidden = [
        ("action", request.POST.get("action", "")),
        ("index", request.POST.get("index", "0")),
        ("select_across", "0"),
    ]
    hidden += [(ACTION_CHECKBOX_NAME, str(obj.pk)) for obj in objects]
    back = request.get_full_path()
    return _confirm_or_perform(spec, perform, model_admin, request, objects, hidden=hidden, back=back, after=back)


def _on_page(spec: ConfirmedAction, perform: Any, model_admin: Any, request: HttpRequest, object_id: str) -> Any:
    obj = model_admin.get_object(request, object_id)
    opts = model_admin.opts
    changelist = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    if obj is None:
        messages.error(request, f"This {opts.verbose_name} is no longer there.")
        return HttpResponseRedirect(changelist)
    page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(obj.pk,))
    after = model_admin.page_after_action(obj) if hasattr(model_admin, "page_after_action") else changelist
    back, after = returning.way_back(request, otherwise=page), returning.way_back(request, otherwise=after)
    return _confirm_or_perform(spec, perform, model_admin, request, [obj], hidden=[], back=back, after=after)


def _confirm_or_perform(
    spec: ConfirmedAction,
    perform: Any,
    model_admin: Any,
    request: HttpRequest,
    objects: list[Model],
    *,
    hidden: list[tuple[str, str]],
    back: str,
    after: str,
) -> HttpResponse:
    answered = request.method == "POST" and "confirmed" in request.POST
    form = spec.form_class(request.POST if answered else None, request=request, objects=objects)
    proof = proof_form(request, answered=answered) if spec.step_up else None
    # The reason first: a code that is used up by a form with another mistake would have to be waited for again.
    if answered and form.is_valid() and (proof is None or proof.is_valid()):
        shown = _perform_all(spec, perform, model_admin, request, objects, form.cleaned_data)
        return shown if shown is not None else HttpResponseRedirect(after)
    model_admin.record_shown(objects)
    if not request.user.is_authenticated:  # wrong too often: whoever this is has been signed out
        return HttpResponseRedirect(request.get_full_path())
    context = {
        **model_admin.admin_site.each_context(request),
        "title": spec.description,
        "model_opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "spec": spec,
        "objects": objects,
        "form": form,
        "proof": proof,
        "hidden": hidden,
        "back": back,
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)


def _perform_all(
    spec: ConfirmedAction,
    perform: Any,
    model_admin: Any,
    request: HttpRequest,
    objects: list[Model],
    values: dict[str, Any],
) -> HttpResponse | None:
    """One object at a time, each with its own transaction: what was done for the first is not undone by the last."""
    results: list[Any] = []
    for obj in objects:
        try:
            results.append(perform(model_admin, request, obj, **values))
        except spec.refusals as error:
            audit.record_refusal(verb=spec.verb, target=model_admin.audit_target(obj), reason=type(error).__name__)
            messages.error(request, f"{obj}: {error}")
    if results and spec.summary is not None:
        return spec.summary(model_admin, request, results)
    shown: HttpResponse | None = results[-1] if results else None
    if results and shown is None:
        of_all = f"{len(results)} of {len(objects)} {model_admin.opts.verbose_name_plural}"
        messages.success(request, f"{spec.done}: {objects[0] if len(objects) == 1 else of_all}.")
    return shown if len(objects) == 1 else None
