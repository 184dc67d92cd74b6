"""Refresh tokens that follow one another: the family that a sign-in of a program began."""

import uuid

from django.db import connection


def lock(family: uuid.UUID) -> None:
    """Until the transaction ends, rotation and revocation of one family take turns.

    A revocation could otherwise miss the successor that a rotation beside it is just adding.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(family)])
