"""Single sign-on: the company's settings, and what a sign-in through its provider does to people. All of it audited."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audit import actors
from audit import services as audit
from hr import records
from hr.models import Employee, ExternalIdentity, IdentityProvider
from hr.services import people
from hr.services.records import RecordValues, update_record
from hr.signin import entering, marks, oidc
from hr.signin.oidc import discovery
from hr.signin.people import actor_of
from tenants import context, sealing
from tenants.models import Tenant


class SsoRefused(PermissionError):
    """Whoever the provider vouches for gets no session here. `reason` is for the audit log, never for the page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoProvider(LookupError):
    """The company has no provider that is switched on."""


class CannotSave(ValueError):
    """These settings would lock people out, or name what is not there. The message says why."""


@dataclass(frozen=True)
class SignInSettings:
    """What a company decides about signing in. An empty `client_secret` leaves the one there is."""

    two_factor_roles: tuple[str, ...] = ()
    sso_only_roles: tuple[str, ...] = ()
    is_active: bool = False
    name: str = ""
    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    allowed_domains: tuple[str, ...] = ()
    attribute_claims: tuple[tuple[str, str], ...] = ()
    role_claim: str = ""
    role_values: tuple[tuple[str, str], ...] = ()
    creates_people: bool = False
    asks_second_factor: bool = False
    break_glass: Employee | None = None


def active_provider() -> IdentityProvider | None:
    """The provider, when it is switched on. One query."""
    return IdentityProvider.objects.filter(is_active=True).first()


def save_settings(*, settings: SignInSettings) -> None:
    """Change how people of the current company sign in; it counts from the next click on.

    :raises CannotSave: says why not.
    """
    tenant = context.current_tenant()
    with transaction.atomic():
        present = IdentityProvider.objects.select_for_update().first()
        _check(settings, present)
        changed = _save_provider(settings, present)
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        for name in ("two_factor_roles", "sso_only_roles"):
            wanted = sorted(getattr(settings, name))
            if sorted(getattr(row, name)) != wanted:
                changed.append(name)
                setattr(row, name, wanted)
                setattr(tenant, name, wanted)
        row.save(update_fields=["two_factor_roles", "sso_only_roles", "updated_at"])
        audit.record(
            verb="tenant.sign_in_settings",
            target=f"tenant:{tenant.uuid}",
            details={
                "changed": sorted(changed),
                "two_factor_roles": row.two_factor_roles,
                "sso_only_roles": row.sso_only_roles,
            },
        )
    discovery.forget(settings.issuer)


def check_provider() -> str:
    """Ask the stored provider for its description and its keys; what it answered, in words for the settings page.

    :raises NoProvider: when none is stored.
    :raises oidc.ProviderUnavailable: when it does not answer.
    :raises oidc.UnsafeAddress: when its address may not be asked.
    """
    provider = IdentityProvider.objects.first()
    if provider is None:
        raise NoProvider
    with transaction.atomic():
        audit.record(verb="tenant.sign_in_test", target=f"tenant:{context.tenant_id()}")
    discovery.forget(provider.issuer)
    metadata = discovery.metadata_of(provider.issuer)
    count = len(discovery.keys_of(metadata, kid=None))
    IdentityProvider.objects.filter(pk=provider.pk).update(tested_at=timezone.now())
    return f"{metadata.issuer} answered and has {count} key{'' if count == 1 else 's'}."


def talk_to(provider: IdentityProvider, *, redirect_uri: str) -> oidc.Provider:
    """The provider with its secret opened."""
    secret = sealing.unseal(sealed=bytes(provider.sealed_secret), purpose=_purpose())
    return oidc.Provider(provider.issuer, provider.client_id, secret.decode(), redirect_uri)


def claims_of(provider: IdentityProvider, token: dict[str, Any]) -> oidc.ProviderClaims:
    """What the company's mapping takes from an id token."""
    return oidc.claims.from_token(
        token,
        attribute_claims=provider.attribute_claims,
        role_claim=provider.role_claim,
        role_values=provider.role_values,
    )


def sign_in_by_provider(
    *, request: HttpRequest, provider: IdentityProvider, claims: oidc.ProviderClaims, target: str
) -> entering.Progress:
    """Begin the session of whom the provider vouches for, or wait for their second factor.

    The first time they are found by their verified address, ever after by the provider's own number for them.

    :raises SsoRefused: for everybody else, after the refusal was recorded.
    """
    try:
        with transaction.atomic():
            employee = _known(claims) or _found_by_address(provider, claims) or _created(provider, claims)
            user = _login_of(employee)
            with actors.acting_as(actor_of(user)):
                _take_over(employee, claims)
            ExternalIdentity.objects.filter(employee=employee).update(last_used_at=timezone.now())
    except SsoRefused as error:
        audit.record_refusal(verb="session.sign_in_failed", reason=f"sso_{error.reason}")
        raise
    user = User.objects.select_related("employee").get(pk=user.pk)
    if provider.asks_second_factor:
        # What the provider asked for stands for ours.
        entering.begin(request, user=user, how="sso", factor="provider")
        return entering.Progress.SIGNED_IN
    return entering.enter(request, user=user, how="sso", target=target)


def confirm_by_provider(*, request: HttpRequest, claims: oidc.ProviderClaims) -> None:
    """Take a fresh sign-in at the provider as proof that it is still the same person.

    :raises SsoRefused: when it is somebody else, or was not fresh, after the refusal was recorded.
    """
    user: User = request.user  # type: ignore[assignment]
    known = _known(claims)
    is_fresh = claims.auth_time is not None and abs(timezone.now().timestamp() - claims.auth_time) < _FRESH_SECONDS
    if known is None or known.pk != user.employee.pk or not is_fresh:
        reason = "not_fresh" if known is not None and known.pk == user.employee.pk else "somebody_else"
        audit.record_refusal(verb="session.confirm_failed", target=user.employee.actor_label, reason=f"sso_{reason}")
        raise SsoRefused(reason)
    with transaction.atomic():
        audit.record(verb="session.confirm", target=user.employee.actor_label, details={"how": "sso"})
    marks.mark_signed_in(request, second_factor=False)


# The provider was told to ask anew; this is how long typing there may take.
_FRESH_SECONDS = 300


def _known(claims: oidc.ProviderClaims) -> Employee | None:
    identity = (
        ExternalIdentity.objects.select_related("employee__user")
        .filter(issuer=claims.issuer, subject=claims.subject)
        .first()
    )
    return identity.employee if identity is not None else None


def _found_by_address(provider: IdentityProvider, claims: oidc.ProviderClaims) -> Employee | None:
    if not claims.email:
        raise SsoRefused("address_not_verified")
    if claims.email.rpartition("@")[2] not in provider.allowed_domains:
        raise SsoRefused("domain")
    employee = Employee.objects.select_related("user").with_email(claims.email).select_for_update(of=("self",)).first()
    if employee is None:
        return None
    if ExternalIdentity.objects.filter(employee=employee).exists():
        # The provider gave the address to somebody else: they are not who was here before.
        raise SsoRefused("other_identity")
    _login_of(employee)
    _link(employee, claims)
    return employee


def _created(provider: IdentityProvider, claims: oidc.ProviderClaims) -> Employee:
    if not provider.creates_people:
        raise SsoRefused("unknown_person")
    local_part = claims.email.partition("@")[0]
    employee = people.create_employee(
        role=claims.role or Employee.Role.EMPLOYEE,
        email=claims.email,
        first_name=claims.attributes.get("first_name") or local_part[:150].title(),
        last_name=claims.attributes.get("last_name") or "–",
    )
    _link(employee, claims)
    return employee


def _link(employee: Employee, claims: oidc.ProviderClaims) -> None:
    ExternalIdentity.objects.create(employee=employee, issuer=claims.issuer, subject=claims.subject)
    audit.record(verb="employee.link_identity", target=employee.actor_label)


def _login_of(employee: Employee) -> User:
    if not employee.is_active or employee.user is None or not employee.user.is_active:
        raise SsoRefused("deactivated")
    return employee.user


def _take_over(employee: Employee, claims: oidc.ProviderClaims) -> None:
    """What the provider says of the person, through the services that HR uses. An owner is changed by owners only."""
    if employee.role == Employee.Role.CEO:
        return
    values: RecordValues = {name: value for name, value in claims.attributes.items() if _is_usable(name, value)}  # type: ignore[assignment]
    update_record(employee=employee, reason="told by the sign-in provider", **values)
    if claims.role and claims.role != employee.role:
        people.change_role(employee=employee, role=claims.role, reason="told by the sign-in provider")


def _is_usable(name: str, value: str) -> bool:
    """A value outside the known lists would break a rule of the table: it is left as HR has it."""
    known = {
        "country": lambda: {code for code, _ in records.country_choices()},
        "language": lambda: {code for code, _ in records.language_choices()},
        "employment_type": lambda: set(Employee.EmploymentType.values),
    }
    return name not in known or value in known[name]()


def _check(wanted: SignInSettings, present: IdentityProvider | None) -> None:
    if wanted.is_active and not (wanted.issuer and wanted.client_id and wanted.name and wanted.allowed_domains):
        raise CannotSave("A provider needs a name, an issuer, a client id and at least one e-mail domain.")
    if wanted.is_active and not wanted.client_secret and (present is None or not present.sealed_secret):
        raise CannotSave("A provider needs its client secret.")
    if not wanted.sso_only_roles:
        return
    if not wanted.is_active:
        raise CannotSave("Nobody can be asked to use a provider that is switched off.")
    owner = wanted.break_glass
    if owner is None or not owner.is_active or owner.role != Employee.Role.CEO:
        raise CannotSave("Name an owner who can still sign in with a password on the day when the provider is down.")
    if owner.user is None or not owner.user.has_usable_password():
        raise CannotSave(f"{owner} has no password yet, and could not get in on that day.")


def _save_provider(wanted: SignInSettings, present: IdentityProvider | None) -> list[str]:
    """Names of what changed, never values."""
    if present is None and not wanted.issuer:
        return []
    row = present or IdentityProvider(sealed_secret=_sealed(secrets.token_urlsafe(32)))
    values = {
        "is_active": wanted.is_active,
        "name": wanted.name,
        "issuer": wanted.issuer,
        "client_id": wanted.client_id,
        "allowed_domains": list(wanted.allowed_domains),
        "attribute_claims": dict(wanted.attribute_claims),
        "role_claim": wanted.role_claim,
        "role_values": dict(wanted.role_values),
        "creates_people": wanted.creates_people,
        "asks_second_factor": wanted.asks_second_factor,
        "break_glass": wanted.break_glass,
    }
    changed = [name for name, value in values.items() if present is None or getattr(row, name) != value]
    for name, value in values.items():
        setattr(row, name, value)
    if wanted.client_secret:
        row.sealed_secret = _sealed(wanted.client_secret)
        changed.append("client_secret")
    row.save()
    return changed


def _sealed(secret: str) -> bytes:
    return sealing.seal(secret=secret.encode(), purpose=_purpose())


def _purpose() -> str:
    return f"single-sign-on:{context.tenant_id()}"
