"""Confirming again who one is, before what is dangerous: password, code or passkey, when the last time is too long ago.

A sign-in counts. `audit.actions` reaches these functions through settings.STEPS, because it lies below.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from unfold.widgets import INPUT_CLASSES

from audit import services as audit
from hr.signin import factors, marks, passkeys, people


class NotConfirmed(PermissionError):
    """Wrong password, code or passkey."""


class SessionEnded(NotConfirmed):
    """It was wrong too often: the session is over."""


class StepUpForm(forms.Form):
    """One field for whatever the person has at hand."""

    proof = forms.CharField(
        label="Your password, or a code of your authenticator app",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": " ".join(INPUT_CLASSES)}),
        help_text="You last confirmed who you are some time ago. This is asked before what cannot be undone.",
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_proof(self) -> str:
        proof: str = self.cleaned_data["proof"]
        try:
            confirm(self.request, proof=proof)
        except NotConfirmed:
            raise forms.ValidationError("This is not right. Please try again.", code="wrong") from None
        return ""


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved who they are within STEP_UP_MINUTES. No query."""
    return marks.confirmed_seconds_ago(request) <= settings.STEP_UP_MINUTES * 60


def form_for(*, request: HttpRequest, answered: bool) -> StepUpForm | None:
    """Step of a confirmation page: the question to add to it; None when nothing has to be asked."""
    if is_fresh(request):
        return None
    return StepUpForm(request.POST if answered else None, request=request)


def page_for(*, request: HttpRequest) -> str | None:
    """Step of a page: where to confirm first, and come back from; None when nothing has to be asked."""
    if is_fresh(request):
        return None
    here = request.get_full_path() if request.method in ("GET", "HEAD") else request.headers.get("Referer", "")
    return f"{reverse('confirm-identity')}?{urlencode({'next': here})}"


def confirm(request: HttpRequest, *, proof: str) -> None:
    """Take a password or a code as proof that it is still the same person.

    Whoever owes a second factor cannot confirm by password alone.

    :raises NotConfirmed: when it is wrong, after the refusal was recorded.
    :raises SessionEnded: when it was wrong too often.
    """
    user: User = request.user  # type: ignore[assignment]
    kind = factors.check_code(user=user, code=proof)
    if kind is None and not must_use_factor(request) and _is_password(request, user, proof):
        kind = "password"
    if kind is None:
        _refuse(request, user, reason="proof")
    _accept(request, user, kind or "", factor=kind != "password")


def confirm_with_passkey(request: HttpRequest, *, answer: str) -> None:
    """The same with a passkey.

    :raises NotConfirmed: when it is not good, after the refusal was recorded.
    :raises SessionEnded: when it was wrong too often.
    """
    user: User = request.user  # type: ignore[assignment]
    try:
        passkeys.check(request, user=user, answer=answer)
    except passkeys.PasskeyRefused as error:
        _refuse(request, user, reason=f"passkey_{error.reason}")
    _accept(request, user, "passkey", factor=True)


def must_use_factor(request: HttpRequest) -> bool:
    """Whether a password does not do: the person has a second factor, needs one, and has not given it yet."""
    return people.owes_second_factor(request) and factors.has_any(request.user)  # type: ignore[arg-type]


def _is_password(request: HttpRequest, user: User, proof: str) -> bool:
    # Through the front door, so that wrong ones count against the limits of sign-in.
    return auth.authenticate(request, username=user.username, password=proof) == user


def _accept(request: HttpRequest, user: User, how: str, *, factor: bool) -> None:
    with transaction.atomic():
        audit.record(verb="session.confirm", target=people.actor_of(user).label, details={"how": how})
    marks.mark_signed_in(request, second_factor=factor)


def _refuse(request: HttpRequest, user: User, *, reason: str) -> None:
    audit.record_refusal(verb="session.confirm_failed", target=people.actor_of(user).label, reason=reason)
    if marks.count_failure(request):
        auth.logout(request)
        raise SessionEnded
    raise NotConfirmed
