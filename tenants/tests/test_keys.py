"""The key ring: made once, seeded, kept for a second, and never more trusting than its rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import keys, sealing
from tenants.models import SigningKey

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_keys(db: None) -> Iterator[None]:
    SigningKey.objects.all().delete()
    keys.forget_ring()
    yield
    keys.forget_ring()


def add(state: str, *, kid: str, secret: bytes = b"s" * 64, **fields: Any) -> SigningKey:
    sealed = sealing.seal(secret=secret, purpose="signing-key")
    return SigningKey.objects.create(kid=kid, state=state, sealed_secret=sealed, **fields)


def test_first_key_is_made_on_demand_and_sealed() -> None:
    key = keys.signing_key()

    row = SigningKey.objects.get()
    assert (row.kid, row.state, row.algorithm) == (key.kid, "active", "HS256")
    assert len(key.secret) == 64
    assert key.secret not in bytes(row.sealed_secret)
    assert keys.signing_key() == key


def test_first_key_comes_from_jwt_secret_when_that_is_set(settings: Any) -> None:
    settings.JWT_SECRET = "a secret of the operator, long enough"

    assert keys.signing_key().secret == settings.JWT_SECRET.encode()
    assert keys.signing_key().kid.startswith("seed-")


def test_later_jwt_secret_changes_nothing(settings: Any) -> None:
    first = keys.signing_key()
    settings.JWT_SECRET = "a secret of the operator, long enough"
    keys.forget_ring()

    assert keys.signing_key() == first


def test_ring_costs_one_query_a_second() -> None:
    kid = keys.signing_key().kid
    keys.forget_ring()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            keys.believed_key(kid=kid, now=NOW)

    assert len([query for query in queries if "signing_keys" in query["sql"]]) == 1


def test_key_made_by_another_process_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    keys.signing_key()
    add("next", kid="fresh")
    monkeypatch.setattr(keys, "_RELOAD_PAUSE_SECONDS", -1)

    found = keys.believed_key(kid="fresh", now=NOW)

    assert found is not None and found.kid == "fresh"


def test_invented_key_ids_do_not_make_queries() -> None:
    keys.signing_key()
    with CaptureQueriesContext(connection) as queries:
        assert [keys.believed_key(kid=f"invented-{n}", now=NOW) for n in range(50)] == [None] * 50

    assert len(queries) <= 4


@pytest.mark.parametrize(
    ("state", "until", "believed"),
    [
        ("next", None, True),
        ("active", None, True),
        ("grace", NOW + timedelta(seconds=1), True),
        ("grace", NOW, False),
        ("grace", NOW - timedelta(days=1), False),
        ("revoked", NOW + timedelta(days=1), False),
    ],
)
def test_which_states_are_believed(state: str, until: datetime | None, believed: bool) -> None:
    if state != "active":
        add("active", kid="other")
    add(state, kid="probe", grace_until=until)

    assert (keys.believed_key(kid="probe", now=NOW) is not None) is believed


def test_grace_without_an_end_is_no_grace() -> None:
    add("active", kid="other")
    add("grace", kid="probe")

    assert keys.believed_key(kid="probe", now=datetime.now(UTC)) is None


@pytest.mark.parametrize("algorithm", ["none", "RS256", "", "hs256"])
def test_key_of_another_algorithm_is_never_used(algorithm: str) -> None:
    add("active", kid="odd", algorithm=algorithm)

    with pytest.raises(keys.NoSigningKey):
        keys.signing_key()


def test_altered_secret_is_noticed() -> None:
    row = add("active", kid="altered")
    SigningKey.objects.filter(pk=row.pk).update(sealed_secret=bytes(row.sealed_secret)[:-1] + b"\x00")

    with pytest.raises(sealing.WrongSealingKey):
        keys.signing_key()


def test_secret_is_in_no_representation() -> None:
    key = keys.signing_key()

    assert key.secret.hex() not in repr(key) and repr(key.secret) not in repr(key)
    assert repr(key) == f"Key({key.kid})"
