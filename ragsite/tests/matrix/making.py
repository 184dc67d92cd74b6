"""The world of a test module: made once, in a transaction that is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.test import override_settings

from ragsite.tests.matrix import world as worlds
from ragsite.tests.matrix.world import World


@contextmanager
def made_world(*, files: Path) -> Iterator[World]:
    """Two companies with everything in them, their files in a folder of their own, and no limit on anybody's pace."""
    storages = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(files)}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    changed = override_settings(
        STORAGES=storages,
        DEBUG=False,
        THROTTLE_RATES_PER_MINUTE=dict.fromkeys(settings.THROTTLE_RATES_PER_MINUTE, 10**6),
        AXES_FAILURE_LIMIT=10**6,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase marks it
    with changed, block:
        yield worlds.build()
        transaction.set_rollback(True)
