"""One-time sign-in links: bound to person, tenant and the login's present state, so that using one ends it."""

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from hr.models import Employee
from tenants import context


class _TenantBoundTokens(PasswordResetTokenGenerator):
    key_salt = "hr.links"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        # The same user id and e-mail may exist in two companies; the tenant makes their links differ.
        return f"{context.tenant_id()}:{super()._make_hash_value(user, timestamp)}"


_tokens = _TenantBoundTokens()


def sign_in_path(employee: Employee) -> str:
    """Path of a link that lets `employee` choose a password once, within Django's PASSWORD_RESET_TIMEOUT (3 days)."""
    user = employee.user
    assert user is not None, "only a person with a login gets a link"
    return reverse(
        "sign-in-link",
        kwargs={"uid": urlsafe_base64_encode(str(user.pk).encode()), "token": _tokens.make_token(user)},
        urlconf="ragsite.urls.tenant",
    )


def user_of_link(*, uid: str, token: str) -> User | None:
    """The active person's login to whom the link belongs; None when it is wrong, used, expired or another company's."""
    try:
        user = User.objects.select_related("employee").get(pk=int(force_str(urlsafe_base64_decode(uid))))
    except (User.DoesNotExist, ValueError, OverflowError, UnicodeDecodeError):
        return None
    employee = getattr(user, "employee", None)
    if employee is None or not employee.is_active or not _tokens.check_token(user, token):
        return None
    return user
