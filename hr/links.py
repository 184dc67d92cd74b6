"""One-time sign-in links: bound to person, tenant, the login's present state and who made them; using one ends it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode

from audit import actors
from hr.models import Employee
from tenants import context

# What Django counts the seconds of its tokens from, in settings.TIME_ZONE, which is UTC here.
_TOKENS_BEGIN = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Link:
    """A link that is good. `made_by` is the audit label of who made it, `made_at` the second of its audit row."""

    user: User
    made_by: str
    made_at: datetime


class _TenantBoundTokens(PasswordResetTokenGenerator):
    key_salt = "hr.links"

    def __init__(self, *, made_by: str) -> None:
        super().__init__()
        self.made_by = made_by

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        # The same user id and e-mail may exist in two companies; the tenant makes their links differ.
        return f"{context.tenant_id()}:{self.made_by}:{super()._make_hash_value(user, timestamp)}"


def sign_in_path(employee: Employee) -> str:
    """Path of a link that lets `employee` choose a password once, within Django's PASSWORD_RESET_TIMEOUT (3 days).

    The current actor made it: the link says so, and its use is recorded with that.
    """
    user = employee.user
    assert user is not None, "only a person with a login gets a link"
    made_by = actors.current_actor().label
    token = f"{_encoded(made_by)}.{_TenantBoundTokens(made_by=made_by).make_token(user)}"
    return reverse(
        "sign-in-link", kwargs={"uid": _encoded(str(user.pk)), "token": token}, urlconf="ragsite.urls.tenant"
    )


def open_link(*, uid: str, token: str) -> Link | None:
    """The link of an active person, and who made it; None when it is wrong, used, expired or another company's."""
    maker, _, proof = token.partition(".")
    try:
        made_by = force_str(urlsafe_base64_decode(maker))
        user = User.objects.select_related("employee").get(pk=int(force_str(urlsafe_base64_decode(uid))))
    except (User.DoesNotExist, ValueError, OverflowError, UnicodeDecodeError):
        return None
    employee = getattr(user, "employee", None)
    if employee is None or not employee.is_active or not _TenantBoundTokens(made_by=made_by).check_token(user, proof):
        return None
    made_at = _TOKENS_BEGIN + timedelta(seconds=base36_to_int(proof.partition("-")[0]))
    return Link(user=user, made_by=made_by, made_at=made_at)


def user_of_link(*, uid: str, token: str) -> User | None:
    """The active person's login to whom the link belongs; None when it is wrong, used, expired or another company's."""
    link = open_link(uid=uid, token=token)
    return link.user if link else None


def _encoded(text: str) -> str:
    return urlsafe_base64_encode(text.encode())
