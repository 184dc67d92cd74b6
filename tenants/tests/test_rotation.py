"""The life of signing keys, and that exactly one signs whatever happens at the same time."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import jwt
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from prometheus_client import REGISTRY

from audit.models import AuditLog
from hr.models import Employee
from hr.tests.api_helpers import api, post, sign_in
from tenants import context, keys, rotation
from tenants.models import SigningKey, Tenant, TokenCutoff
from tenants.tasks import rotate_due_keys

pytestmark = pytest.mark.django_db

DOCUMENTS, REFRESH = "/api/v1/documents", "/api/v1/auth/token/refresh"


@pytest.fixture(autouse=True)
def fresh_ring() -> Iterator[None]:
    keys.forget_ring()
    yield
    keys.forget_ring()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long rotations waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(
        rotation.rotate, "__kwdefaults__", {**(rotation.rotate.__kwdefaults__ or {}), "sleep": waited.append}
    )
    return waited


def states() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("kid", "state"))


def counted(state: str) -> int:
    return SigningKey.objects.filter(state=state).count()


def test_next_becomes_active_and_active_goes_into_grace(waits: list[float]) -> None:
    former = keys.signing_key().kid

    done = rotation.rotate(reason="test")

    assert done.former == former
    assert states()[former] == "grace" and states()[done.kid] == "active"
    assert (counted("active"), counted("next"), counted("grace")) == (1, 1, 1)
    assert keys.signing_key().kid == done.kid
    row = AuditLog.objects.filter(verb="signing_key.rotate").latest("pk")
    assert (row.target, row.reason, row.details["former"]) == (f"key:{done.kid}", "test", former)


def test_a_next_key_is_published_long_enough_before_it_signs(waits: list[float]) -> None:
    first = rotation.rotate(reason="the first one publishes and waits")
    published = SigningKey.objects.get(state="next").kid
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        second = rotation.rotate(reason="the second one does not")

    assert len(waits) == 1 and waits[0] > keys.MAX_AGE_SECONDS
    assert second.kid == published
    assert AuditLog.objects.filter(verb="signing_key.publish", target=f"key:{first.kid}").count() == 1


def test_grace_lasts_as_long_as_refresh_tokens_or_longer(waits: list[float], settings: Any) -> None:
    short = rotation.rotate(reason="test", grace=timedelta(hours=1))
    long = rotation.rotate(reason="test", grace=timedelta(days=30))

    now = timezone.now()
    assert short.grace_until is not None and long.grace_until is not None
    assert short.grace_until - now == pytest.approx(settings.REFRESH_TOKEN_LIFETIME, abs=timedelta(minutes=1))
    assert long.grace_until - now == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))


def test_tokens_outlive_a_rotation_and_a_refresh_moves_them_to_the_new_key(
    acme: Tenant, bob: Employee, waits: list[float]
) -> None:
    pair = sign_in(acme, bob)

    done = rotation.rotate(reason="test")

    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 200
    following = post(api(acme), REFRESH, {"refresh": pair["refresh"]}).json()
    assert api(acme, token=following["access"]).get(DOCUMENTS).status_code == 200

    assert jwt.get_unverified_header(following["access"])["kid"] == done.kid


def test_an_emergency_ends_every_token_of_every_company(
    acme: Tenant, bob: Employee, globex: Tenant, charlie: Employee
) -> None:
    pairs = [(acme, sign_in(acme, bob)), (globex, sign_in(globex, charlie))]
    former = keys.signing_key().kid

    done = rotation.rotate_in_emergency(reason="key found in a log")

    assert states()[former] == "revoked" and keys.signing_key().kid == done.kid
    for tenant, pair in pairs:
        assert api(tenant, token=pair["access"]).get(DOCUMENTS).status_code == 401
        assert post(api(tenant), REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    assert api(acme, token=sign_in(acme, bob)["access"]).get(DOCUMENTS).status_code == 200
    assert TokenCutoff.objects.filter(kid=former).count() == Tenant.objects.count() == done.companies_cut_off
    assert AuditLog.objects.filter(verb="signing_key.rotate").latest("pk").details["emergency"] is True


def test_revoking_a_key_counts_from_the_next_request_in_every_process(
    acme: Tenant, bob: Employee, waits: list[float]
) -> None:
    pair = sign_in(acme, bob)
    former = rotation.rotate(reason="test").former
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 200
    known = keys._ring

    rotation.revoke_key(kid=former, reason="found in a log")
    keys._ring = known  # as in a process that has not read the rows again yet

    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401
    assert post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    assert api(acme, token=sign_in(acme, bob)["access"]).get(DOCUMENTS).status_code == 200


def test_what_cannot_be_revoked_is_refused_by_name(waits: list[float]) -> None:
    former = rotation.rotate(reason="test").former
    rotation.revoke_key(kid=former, reason="test")

    with pytest.raises(rotation.KeySigns):
        rotation.revoke_key(kid=keys.signing_key().kid, reason="test")
    with pytest.raises(rotation.KeyRevoked):
        rotation.revoke_key(kid=former, reason="test")
    with pytest.raises(rotation.NoSuchKey):
        rotation.revoke_key(kid="invented", reason="test")


def test_a_revoked_keys_secret_is_destroyed(waits: list[float]) -> None:
    former = rotation.rotate(reason="test").former

    rotation.revoke_key(kid=former, reason="test")

    assert bytes(SigningKey.objects.get(kid=former).sealed_secret) == b""


def test_a_key_whose_grace_is_over_is_retired(waits: list[float], settings: Any) -> None:
    former = rotation.rotate(reason="test").former
    after = timezone.now() + settings.REFRESH_TOKEN_LIFETIME

    assert rotation.retire_ended(now=after - timedelta(hours=1)) == 0
    assert rotation.retire_ended(now=after + timedelta(minutes=1)) == 1

    assert states()[former] == "revoked"
    assert AuditLog.objects.filter(verb="signing_key.retire", target=f"key:{former}").count() == 1


@pytest.mark.parametrize(("age_days", "every_days", "rotates"), [(91, 90, True), (89, 90, False), (4000, 0, False)])
def test_a_key_is_rotated_when_it_is_due(
    waits: list[float], settings: Any, age_days: int, every_days: int, rotates: bool
) -> None:
    settings.JWT_ROTATION_DAYS = every_days
    former = keys.signing_key().kid
    SigningKey.objects.update(activated_at=timezone.now() - timedelta(days=age_days))

    rotate_due_keys()

    assert (keys.signing_key().kid != former) is rotates
    assert counted("active") == counted("next") == 1


def test_age_of_an_old_row_counts_from_its_making(waits: list[float], settings: Any) -> None:
    SigningKey.objects.update(activated_at=None, created_at=timezone.now() - timedelta(days=100))

    assert rotation.rotate_due_keys(now=timezone.now()) is not None


def test_age_is_measured() -> None:
    keys.signing_key()
    SigningKey.objects.filter(state="active").update(activated_at=timezone.now() - timedelta(days=2))
    keys.forget_ring()
    unread = REGISTRY.get_sample_value("rag_signing_key_age_seconds")
    keys.signing_key()

    assert unread is not None and unread != unread, "not a number before the first key is read"
    assert REGISTRY.get_sample_value("rag_signing_key_age_seconds") == pytest.approx(2 * 86400, abs=60)


def test_whoever_comes_second_does_not_rotate_again(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    rotation.rotate(reason="there is a next key now")
    once: list[str] = []

    def faster(_: float) -> None:
        if not once:
            once.append("rotated")
            rotation.rotate(reason="faster")

    with pytest.raises(rotation.RotatedMeanwhile):
        rotation.rotate(reason="slower", sleep=faster)

    assert (counted("active"), counted("next")) == (1, 1)
    monkeypatch.setattr(rotation, "rotate", lambda **_: (_ for _ in ()).throw(rotation.RotatedMeanwhile))
    SigningKey.objects.filter(state="active").update(activated_at=timezone.now() - timedelta(days=100))
    assert rotation.rotate_due_keys(now=timezone.now()) is None


@pytest.mark.parametrize("state", ["active", "next"])
def test_the_database_keeps_one_active_and_one_next_key(waits: list[float], state: str) -> None:
    rotation.rotate(reason="test")

    with pytest.raises(IntegrityError), transaction.atomic():
        keys.new_row(state=state).save()


def test_commands_rotate_and_revoke(acme: Tenant, bob: Employee, waits: list[float]) -> None:
    said = StringIO()
    former = keys.signing_key().kid
    call_command("rotate_jwt", "--grace", "24h", reason="yearly", stdout=said)
    pair = sign_in(acme, bob)

    call_command("revoke_tokens", kid=former, reason="test", stdout=said)
    call_command("revoke_tokens", tenant="acme", employee=bob.email, reason="test", stdout=said)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401
    pair = sign_in(acme, bob)
    call_command("revoke_tokens", tenant="acme.localhost", reason="test", stdout=said)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401
    call_command("rotate_jwt", "--emergency", reason="test", stdout=said)

    lines = said.getvalue().splitlines()
    assert lines[1].startswith(former) and "believed until" in lines[1]
    assert lines[2] == f"Nothing that {former} signed counts any more."
    assert lines[3] == f"{bob.actor_label}: 0 browsers and 1 programs are signed out."
    assert "companies ended" in lines[-1]


@pytest.mark.parametrize(
    ("command", "given", "says"),
    [
        ("rotate_jwt", ["--emergency"], "needs --reason"),
        ("rotate_jwt", ["--emergency", "--grace", "1h", "--reason", "x"], "knows no --grace"),
        ("rotate_jwt", ["--grace", "soon"], "90m, 24h or 7d"),
        ("rotate_jwt", ["--grace", "999999d"], "a year at most"),
        ("revoke_tokens", ["--kid", "invented", "--reason", "x"], "no such key"),
        ("revoke_tokens", ["--kid", "invented", "--employee", "x@y", "--reason", "x"], "needs --tenant"),
        ("revoke_tokens", ["--tenant", "nowhere", "--reason", "x"], "There is no company"),
        ("revoke_tokens", ["--tenant", "acme", "--employee", "x@y", "--reason", "x"], "nobody with this address"),
    ],
)
def test_commands_say_what_is_wrong(acme: Tenant, command: str, given: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command(command, *given)


def test_commands_on_the_platform_leave_the_actor_in_the_log(waits: list[float]) -> None:
    call_command("rotate_jwt", stdout=StringIO())

    with context.enter_platform():
        row = AuditLog.objects.filter(verb="signing_key.rotate").latest("pk")
    assert (row.actor_kind, row.actor) == ("operator", "operator:shell")
