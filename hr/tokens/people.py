"""From a token's claims to the person it stands for today: one query, and every part of it compared."""

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from hr.models import Employee, RefreshToken
from hr.tokens.claims import Claims, InvalidToken
from tenants.kill_switches import state
from tenants.models import SigningKey
from tenants.postgresql.compiled import CompiledGet, Slot

_MARK_CHARS = 16


def _people() -> QuerySet[Employee]:
    # Asked here, too: the process's copy of the keys may be a second old, and a revocation counts at once.
    key = SigningKey.objects.verifying().filter(kid=Slot("kid", CharField()))
    people = Employee.objects.select_related("user").filter(pk=Slot("employee", BigIntegerField()))
    return people.annotate(key_stands=Exists(key))


def _people_with_session() -> QuerySet[Employee]:
    session = RefreshToken.objects.filter(
        pk=Slot("session", BigIntegerField()), employee_id=OuterRef("pk"), revoked_at__isnull=True
    )
    return _people().annotate(session_stands=Exists(session))


_PERSON = CompiledGet(_people)
_PERSON_IN_SESSION = CompiledGet(_people_with_session)


def person_of(*, claims: Claims) -> Employee:
    """The active person for whom the token was issued, if nothing has ended it since: one query.

    A revoked key, deactivation, another role, another password, a raised token version, a disabled login, log-out and a
    refresh token used twice all count from the very next request.

    :raises InvalidToken: naming which of them it was.
    """
    if claims.session is None:
        employee = _PERSON.get(employee=claims.employee_id, kid=claims.kid)
    else:
        employee = _PERSON_IN_SESSION.get(employee=claims.employee_id, session=claims.session, kid=claims.kid)
    if employee is None or employee.user is None:
        raise InvalidToken("no_such_person")
    if not employee.key_stands:  # type: ignore[attr-defined]  # annotated above
        raise InvalidToken("revoked_key")
    if not employee.is_active or not employee.user.is_active:
        raise InvalidToken("deactivated")
    if state.off_for_person(employee.pk) is not None:
        raise InvalidToken("switched_off")
    if employee.token_version != claims.version or employee.role != claims.role:
        raise InvalidToken("outdated")
    if not constant_time_compare(password_mark(employee), claims.password_mark):
        raise InvalidToken("password_changed")
    if claims.session is not None and not employee.session_stands:  # type: ignore[attr-defined]  # annotated above
        raise InvalidToken("signed_out")
    return employee


def password_mark(employee: Employee) -> str:
    """A keyed digest of the stored password hash: it changes with the password, whoever changes it by whatever door."""
    assert employee.user is not None, "only a person with a login has tokens"
    return salted_hmac("hr.tokens.password", employee.user.password, algorithm="sha256").hexdigest()[:_MARK_CHARS]
