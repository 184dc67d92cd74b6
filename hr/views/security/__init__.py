"""The second step of signing in, confirming again, everybody's Security page: in companies and on the platform."""

from hr.views.security.account import (
    add_app,
    add_passkey,
    new_codes,
    remove_factor,
    security,
)
from hr.views.security.confirming import confirm_identity
from hr.views.security.second_step import second_step
from hr.views.security.sessions import end_other_sessions, end_session

__all__ = [
    "add_app",
    "add_passkey",
    "confirm_identity",
    "end_other_sessions",
    "end_session",
    "new_codes",
    "remove_factor",
    "second_step",
    "security",
]
