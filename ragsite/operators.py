"""Operators: superusers of the public schema, who run the platform and belong to no company."""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.db import transaction

from audit import services as audit
from hr.signin import factors
from tenants import context


def save_operator(*, email: str, password: str) -> bool:
    """Make an operator, or give the existing one this password, which ends their sessions. True when made.

    :raises django.core.exceptions.ValidationError: for an unusable address or a weak password.
    """
    email = email.strip().lower()
    validate_email(email)
    validate_password(password, User(username=email, email=email))
    with context.enter_platform(), transaction.atomic():
        operator, created = User.objects.get_or_create(username=email, defaults={"email": email})
        operator.is_staff = operator.is_superuser = operator.is_active = True
        operator.set_password(password)
        operator.save()
        verb = "operator.create" if created else "operator.choose_password"
        audit.record(verb=verb, target=f"operator:{operator.pk}")
    return created


def reset_second_factor(*, email: str, reason: str) -> bool:
    """Remove an operator's second factor, for one who lost everything; their next sign-in leads to a new one.

    False when there was none, or there is no such operator.
    """
    with context.enter_platform():
        operator = User.objects.filter(username=email.strip().lower(), is_superuser=True).first()
        return operator is not None and bool(factors.remove_all(user=operator, reason=reason))
