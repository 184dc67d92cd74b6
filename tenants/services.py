"""The life of a tenant: onboarding, suspension, resumption, and what it may set for itself."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import quote_schema_name, schema_exists

from audit import actors, ownership
from audit import services as audit
from tenants import context
from tenants.kill_switches import services as switches
from tenants.models import HOST_NAME, Domain, KillSwitch, Tenant
from tenants.steps import run_steps

# PostgreSQL cuts identifiers at 63 bytes; the rest leaves room for a numbered suffix.
_MAX_SCHEMA_CHARS = 50
_RESERVED_SCHEMAS = frozenset({"public", "pgmq", "information_schema", "platform", "localhost", "www"})


class CannotOnboard(ValueError):
    """The name, host name or e-mail address of a new company cannot be used. The message says why."""


class WrongTenantState(RuntimeError):
    """The tenant is not in the state that the action starts from; somebody else may have been first."""


class HostNameTaken(ValueError):
    """The host name already leads to a company."""


class LastHostName(ValueError):
    """Without this host name nobody could reach the company."""


@dataclass(frozen=True)
class Onboarded:
    """The result of onboarding. `sign_in_link` is the first administrator's one-time path; None once used."""

    tenant: Tenant
    created: bool
    sign_in_link: str | None


def onboard(*, name: str, domain: str, admin_email: str) -> Onboarded:
    """Make a company: row, host name, schema, first administrator with role ceo, vector space.

    Every step can be repeated: a second call with the same domain finishes what a crash left, or changes nothing
    and gives the first administrator, who has not signed in yet, another link.
    A step that fails undoes what this call made. Takes a few seconds (the schema's migrations).

    :raises CannotOnboard: when the input is unusable or the domain belongs to a differently named company.
    """
    name, domain, admin_email = name.strip(), domain.strip().lower().rstrip("."), admin_email.strip().lower()
    _check_input(name=name, domain=domain, admin_email=admin_email)
    with context.enter_platform():
        tenant, created = _claim_rows(name=name, domain=domain)
        if tenant.state != Tenant.State.PROVISIONING:
            again = run_steps("ONBOARD_AGAIN", tenant=tenant, admin_email=admin_email)
            return Onboarded(tenant=tenant, created=False, sign_in_link=next(filter(None, again), None))
        try:
            _make_schema(tenant)
            links = run_steps("PROVISION_TENANT", tenant=tenant, admin_email=admin_email)
            _activate(tenant)
        except BaseException:
            if created:
                _undo(tenant)
            raise
    link = next((value for value in links if isinstance(value, str)), None)
    return Onboarded(tenant=tenant, created=True, sign_in_link=link)


def suspend(*, tenant: Tenant, reason: str, by: str | None = None, expires_at: datetime | None = None) -> KillSwitch:
    """Switch everything off for a company: every request and task is refused within two seconds. Data stays.

    `by` is the current actor's label unless given. :raises WrongTenantState: when it is not active.
    """
    try:
        return switches.engage(
            scope=KillSwitch.Scope.TENANT,
            feature=KillSwitch.Feature.EVERYTHING,
            tenant=tenant,
            by=by or actors.current_actor().label,
            reason=reason,
            expires_at=expires_at,
        )
    except (switches.AlreadyOff, switches.CannotSwitchOff) as error:
        if isinstance(error, switches.CannotSwitchOff) and tenant.state == Tenant.State.ACTIVE:
            raise
        raise WrongTenantState(f"{tenant.name} is not active") from None


def request_resume(*, tenant: Tenant, reason: str, by: str | None = None) -> KillSwitch:
    """Ask that a suspended company work again; another operator decides.

    :raises WrongTenantState: when it is not suspended.
    """
    switch = _suspension_of(tenant)
    return switches.request_release(switch=switch, by=by or actors.current_actor().label, reason=reason)


def resume(*, tenant: Tenant, reason: str, by: str | None = None) -> KillSwitch:
    """Let a suspended company work again, and send on what waited.

    :raises WrongTenantState: when it is not suspended.
    :raises tenants.kill_switches.services.SecondPersonNeeded: for who suspended it or asked for this.
    """
    switch = _suspension_of(tenant)
    released = switches.release(switch=switch, by=by or actors.current_actor().label, reason=reason)
    tenant.refresh_from_db(fields=["state", "state_reason"])
    return released


def update_settings(
    *,
    tenant: Tenant,
    min_confidence_threshold: float | None,
    contact_name: str,
    contact_email: str,
    suggested_questions: list[str],
    time_zone: str | None = None,
    requires_review: bool | None = None,
    hr_reading: str | None = None,
) -> None:
    """Change what a company decides for itself; it counts from the next question on. None leaves the last three.

    The audit row goes to the log of the console that was used: the company's own, or the platform's.
    """
    changed = {
        "min_confidence_threshold": min_confidence_threshold,
        "contact_name": contact_name,
        "contact_email": contact_email,
        "suggested_questions": suggested_questions,
        "time_zone": time_zone or tenant.time_zone,
        "requires_review": tenant.requires_review if requires_review is None else requires_review,
        "hr_reading": hr_reading or tenant.hr_reading,
    }
    with transaction.atomic():
        former = Tenant.objects.select_for_update().get(pk=tenant.pk)
        names = sorted(name for name, value in changed.items() if getattr(former, name) != value)
        Tenant.objects.filter(pk=tenant.pk).update(**changed, updated_at=timezone.now())
        audit.record(
            verb="tenant.settings",
            target=f"tenant:{tenant.uuid}",
            details={"changed": names, "threshold": min_confidence_threshold, "hr_reading": changed["hr_reading"]},
        )
    for name, value in changed.items():
        setattr(tenant, name, value)


def add_domain(*, tenant: Tenant, domain: str) -> Domain:
    """Let one more host name lead to the company.

    :raises HostNameTaken: when it leads to one already.
    :raises django.core.exceptions.ValidationError: when it is no host name, or cannot be a company's.
    """
    domain = domain.strip().lower().rstrip(".")
    check_lasting_host_name(domain)
    with context.enter_platform(), transaction.atomic():
        if Domain.objects.filter(domain=domain).exists():
            raise HostNameTaken(f"{domain} already leads to a company.")
        row = Domain.objects.create(tenant=tenant, domain=domain, is_primary=False)
        audit.record(verb="tenant.add_domain", target=f"tenant:{tenant.uuid}", details={"domain": domain})
    return row


def check_host_name(domain: str) -> None:
    """Whether a company can be reached there: the platform's own names lead to the operators' console.

    :raises django.core.exceptions.ValidationError: says why not.
    """
    HOST_NAME(domain)
    if domain in settings.PLATFORM_HOSTS:
        raise ValidationError("It leads to the operators' console (PLATFORM_HOSTS); a company needs a name of its own.")


def check_lasting_host_name(domain: str) -> None:
    """`check_host_name`, and not in .invalid, where evaluations put companies that do not last.

    :raises django.core.exceptions.ValidationError: says why not.
    """
    check_host_name(domain)
    if domain.rpartition(".")[2] == "invalid":
        raise ValidationError("Nobody can reach a name that ends in .invalid.")


def remove_domain(*, domain: Domain) -> None:
    """Let a host name lead nowhere.

    :raises LastHostName: when it is the company's only one.
    """
    with context.enter_platform(), transaction.atomic():
        others = Domain.objects.select_for_update().filter(tenant_id=domain.tenant_id).exclude(pk=domain.pk)
        heir = others.order_by("-is_primary", "pk").first()
        if heir is None:
            raise LastHostName(f"{domain.domain} is the only host name of {domain.tenant.name}.")
        Domain.objects.filter(pk=domain.pk).delete()
        Domain.objects.filter(pk=heir.pk).update(is_primary=True)
        audit.record(
            verb="tenant.remove_domain", target=f"tenant:{domain.tenant.uuid}", details={"domain": domain.domain}
        )


def _check_input(*, name: str, domain: str, admin_email: str) -> None:
    if not name or len(name) > 200:
        raise CannotOnboard("The company's name must have 1 to 200 characters.")
    try:
        check_host_name(domain)
    except ValidationError as error:
        raise CannotOnboard(f"{domain!r} is no usable host name. {error.message}") from None
    try:
        validate_email(admin_email)
    except ValidationError:
        raise CannotOnboard(f"{admin_email!r} is no e-mail address.") from None


def _claim_rows(*, name: str, domain: str) -> tuple[Tenant, bool]:
    with transaction.atomic():
        # One onboarding at a time: two at once could derive the same schema name.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tenants.onboard'))")
        known = Domain.objects.select_related("tenant").filter(domain=domain).first()
        if known is not None:
            if known.tenant.name != name:
                raise CannotOnboard(f"The host name {domain} already belongs to {known.tenant.name}.")
            return known.tenant, False
        tenant = Tenant.objects.create(name=name, schema_name=_free_schema_name(domain))
        Domain.objects.create(domain=domain, tenant=tenant, is_primary=True)
        audit.record(verb="tenant.onboard", target=f"tenant:{tenant.uuid}", details={"state": "started"})
        return tenant, True


def _free_schema_name(domain: str) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", domain.split(".")[0])[:_MAX_SCHEMA_CHARS].strip("_") or "company"
    if stem in _RESERVED_SCHEMAS or stem.startswith("pg") or stem[0].isdigit():
        stem = f"t_{stem}"
    name, number = stem, 1
    while Tenant.objects.filter(schema_name=name).exists() or schema_exists(name):
        number += 1
        name = f"{stem}_{number}"
    return name


def _make_schema(tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quote_schema_name(tenant.schema_name)}")
    call_command("migrate_schemas", schema_name=tenant.schema_name, tenant=True, interactive=False, verbosity=0)
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def _activate(tenant: Tenant) -> None:
    with transaction.atomic():
        Tenant.objects.filter(pk=tenant.pk).update(state=Tenant.State.ACTIVE)
        audit.record(verb="tenant.onboard", target=f"tenant:{tenant.uuid}", details={"state": "finished"})
    tenant.refresh_from_db()


def _undo(tenant: Tenant) -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with transaction.atomic():
        ownership.drop_company(schema=tenant.schema_name)
        audit.record(verb="tenant.onboard", target=f"tenant:{tenant.uuid}", outcome=audit.Outcome.FAILED)
        Domain.objects.filter(tenant=tenant).delete()
        Tenant.objects.filter(pk=tenant.pk).delete()


def _suspension_of(tenant: Tenant) -> KillSwitch:
    switch = switches.suspension_of(tenant)
    if switch is None:
        raise WrongTenantState(f"{tenant.name} is not suspended")
    return switch
