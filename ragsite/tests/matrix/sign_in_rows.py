"""The second step of signing in, Security pages and single sign-on: companies' hosts, then the platform's."""

from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import Row

_TESTS = "hr/tests/test_second_factor.py::"
_OWN = Nothing("how one signs in oneself")
_SECURITY_AUDIT = {
    "app": {
        "GET": _OWN,
        "POST": leaves(
            "second_factor.add {by}",
            shown_by=f"{_TESTS}test_app_is_set_up_with_its_first_code_and_recovery_codes_are_shown_once",
        ),
    },
    "passkey": {
        "GET": _OWN,
        "POST": leaves(
            "second_factor.add {by}",
            shown_by="hr/tests/test_passkeys.py::test_passkey_is_added_and_signs_in",
        ),
    },
    "codes": leaves(
        "second_factor.new_codes {by}",
        shown_by=f"{_TESTS}test_new_recovery_codes_end_the_former",
    ),
    "remove": leaves(
        "second_factor.remove {by}",
        shown_by=f"{_TESTS}test_app_is_removed_with_its_recovery_codes",
    ),
    "confirm": {
        "GET": _OWN,
        "POST": leaves(
            "session.confirm {by}",
            shown_by="hr/tests/test_step_up.py::test_password_is_proof_is_recorded_and_lasts",
        ),
    },
    "second": {
        "GET": Nothing("an empty form"),
        "POST": leaves(
            "session.sign_in {by}",
            shown_by=f"{_TESTS}test_code_ends_the_sign_in_and_leads_on",
        ),
    },
}

PAGES = (
    Row("account/security/", get="sign-in 200 200", post="405 405 405", audit=_OWN),
    Row(
        "sign-in/second-step/",
        get="sign-in moved moved",
        post="sign-in moved moved",
        audit=_SECURITY_AUDIT["second"],
    ),
    Row(
        "account/confirm/",
        get="sign-in 200 200",
        post="sign-in 403 403",
        body={"proof": "wrong"},
        audit=_SECURITY_AUDIT["confirm"],
        refused={"POST": "session.confirm_failed *"},
    ),
    Row("account/security/app/", get="sign-in 200 200", post="sign-in 422 422", audit=_SECURITY_AUDIT["app"]),
    Row(
        "account/security/passkey/",
        get="sign-in 200 200",
        post="sign-in 422 422",
        audit=_SECURITY_AUDIT["passkey"],
        refused={"POST": "second_factor.add *"},
    ),
    Row("account/security/codes/", get="405 405 405", post="sign-in moved moved", audit=_SECURITY_AUDIT["codes"]),
    Row(
        "account/security/factors/<int:factor_id>/remove/",
        get="405 405 405",
        post="sign-in moved moved | moved",
        audit=_SECURITY_AUDIT["remove"],
    ),
    Row("sign-in/sso/", get="404 404 404", post="405 405 405"),
    Row("sign-in/sso/callback/", get="404 404 404", post="405 405 405"),
)
COMPANY = (
    Row(
        "admin/settings/sign-in/",
        get="login login 403 200",
        post="login login 403 moved",
        body={},
        audit={"GET": Nothing("the company's own settings"), "POST": "tenant.sign_in_settings tenant:*"},
    ),
    Row(
        "admin/hr/employee/<path:object_id>/reset-second-factor/",
        get="login login 200 | moved",
        post="login login moved | moved",
        audit={
            "GET": "employee.read employee:{employee}",
            "POST": leaves(
                "second_factor.reset employee:{employee}",
                shown_by=f"{_TESTS}test_hr_removes_a_lost_factor_with_a_reason",
            ),
        },
    ),
)
PLATFORM = (
    Row("account/security/", get="login 200", post="405 405", audit=_OWN),
    Row("sign-in/second-step/", get="login moved", post="login moved", audit=_SECURITY_AUDIT["second"]),
    Row(
        "account/confirm/",
        get="login 200",
        post="login 403",
        body={"proof": "wrong"},
        audit=_SECURITY_AUDIT["confirm"],
        refused={"POST": "session.confirm_failed *"},
    ),
    Row("account/security/app/", get="login 200", post="login 422", audit=_SECURITY_AUDIT["app"]),
    Row(
        "account/security/passkey/",
        get="login 200",
        post="login 422",
        audit=_SECURITY_AUDIT["passkey"],
        refused={"POST": "second_factor.add *"},
    ),
    Row("account/security/codes/", get="405 405", post="login moved", audit=_SECURITY_AUDIT["codes"]),
    Row(
        "account/security/factors/<int:factor_id>/remove/",
        get="405 405",
        post="login moved | moved",
        audit=_SECURITY_AUDIT["remove"],
    ),
    Row("admin/settings/sign-in/", get="login 403", post="login 403"),
    Row("admin/hr/employee/<path:object_id>/reset-second-factor/", get="login 403", post="login 403"),
)
