"""Service accounts for the matrix, and places where somebody is signed in."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.utils import timezone

from hr.models import Employee, RefreshToken, ServiceAccount
from hr.services import service_accounts as company
from tenants import context, keys
from tenants.machines import accounts, operators
from tenants.models import PlatformServiceAccount

if TYPE_CHECKING:
    from ragsite.tests.matrix.world import World

NAMES = ("serviceaccount", "account", "platformserviceaccount", "kid")


def issued(*, by: Employee, number: int = 0) -> dict[str, Any]:
    """A company's service account; `number` moves it away from those of other companies."""
    made = company.create_service_account(
        name="Of the matrix", scopes=["documents:read"], by=by, now=timezone.now(), role="employee"
    )
    if number:
        ServiceAccount.objects.filter(pk=made.account.pk).update(id=number)
    return dict.fromkeys(("serviceaccount", "account"), number or made.account.pk)


def platforms() -> dict[str, Any]:
    """The platform's service account, for which another operator answers; and the next key, as if known for long."""
    keys.new_row(state="next").save()
    made = accounts.create(name="Of the matrix", scopes=["tenants:read"], operator_id=999, now=timezone.now())
    row = PlatformServiceAccount.objects.get(pk=made.account.pk)
    return {"platformserviceaccount": row.pk, "kid": keys.signing_key().kid}


def another_place(world: "World") -> dict[str, Any]:
    """A program with which bob is signed in."""
    bob = world.people["bob"].employee
    assert bob is not None
    now, family = timezone.now(), uuid.uuid4()
    RefreshToken.objects.create(
        employee=bob, family=family, digest=uuid.uuid4().hex, created_at=now, expires_at=now + timedelta(days=1)
    )
    return {"body": {"place": f"program:{family}", "ref": f"program:{family}"}}


def another_place_of_the_operator(world: "World") -> dict[str, Any]:
    with context.enter_platform():
        operator = User.objects.get(username="operator@platform.example")
        token = operators.issue_token(operator=operator, now=timezone.now())
    return {"body": {"place": f"program:{token.split('_')[1]}"}}
