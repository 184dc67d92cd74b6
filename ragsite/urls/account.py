"""The same on companies' hosts and on the platform's: the second step of signing in, and everybody's Security page."""

from django.urls import path

from hr.views import security as pages
from ragsite.sign_in_limits import remembers_device

account = [
    path("sign-in/second-step/", remembers_device(pages.second_step), name="second-step"),
    path("account/confirm/", pages.confirm_identity, name="confirm-identity"),
    path("account/security/", pages.security, name="security"),
    path("account/security/app/", pages.add_app, name="security-app"),
    path("account/security/passkey/", pages.add_passkey, name="security-passkey"),
    path("account/security/sessions/end/", pages.end_session, name="security-end-session"),
    path("account/security/sessions/end-others/", pages.end_other_sessions, name="security-end-others"),
    path("account/security/codes/", pages.new_codes, name="security-codes"),
    path("account/security/factors/<int:factor_id>/remove/", pages.remove_factor, name="security-remove"),
]
