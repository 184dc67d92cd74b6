"""Pay in the admin: HR only. The fourth word is the owner, who administers everything else."""

from ragsite.tests.matrix import deeds
from ragsite.tests.matrix.audited import Nothing, leaves
from ragsite.tests.matrix.rows import Row

_CODE = {"code": "NEW", "label": "New", "kind": "earning", "explanation": "New."}
_DETAILS = {"employee_number": "0", "new_iban": "", "new_national_id": ""}
_MOVES = "login login moved moved | moved"

ADMIN = (
    Row(
        "admin/hr/paystub/import-paystubs/",
        get="login login moved 403",
        post="login login moved 403",
        audit=Nothing("leads on to the form"),
    ),
    Row(
        "admin/hr/paystub/import/",
        get="login login 200 403",
        post="login login 200 403",
        audit={
            "GET": Nothing("an empty form"),
            "POST": (
                leaves("paystub.check_import", by="alice", given=deeds.pay_sheet, answers="200"),
                leaves("paystub.import", by="alice", given=deeds.checked_pay_sheet, answers="moved"),
            ),
        },
    ),
    Row(
        "admin/hr/paystub/<path:object_id>/open-paystub/",
        get="login login 200 403 | moved",
        post="login login 200 403 | moved",
        audit={
            "GET": "paystub.read_heading paystub:{any_paystub}",
            "POST": "paystub.open_for_hr paystub:{any_paystub}",
        },
    ),
    Row(
        "admin/hr/paystub/",
        get="login login 200 403",
        post="login login 200 403",
        audit="paystubs.list_for_hr",
    ),
    Row("admin/hr/paystub/add/", get="login login 403", post="login login 403"),
    Row(
        "admin/hr/paystub/<path:object_id>/history/",
        get="login login moved 403 | moved",
        post="login login moved 403 | moved",
    ),
    Row("admin/hr/paystub/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row(
        "admin/hr/paystub/<path:object_id>/change/",
        get="login login 200 403 | moved",
        post="login login 403",
        audit={"GET": "paystub.read_heading paystub:{any_paystub}"},
    ),
    Row("admin/hr/paystub/<path:object_id>/", get=_MOVES, post=_MOVES),
    Row(
        "admin/hr/paycode/",
        get="login login 200 403",
        post="login login 200 403",
        audit=Nothing("what lines mean, nobody's pay"),
    ),
    Row(
        "admin/hr/paycode/add/",
        get="login login 200 403",
        post="login login moved 403",
        body=_CODE,
        audit={"GET": Nothing("an empty form"), "POST": "pay_code.create paycode:*"},
    ),
    Row(
        "admin/hr/paycode/<path:object_id>/history/",
        get="login login moved 403 | moved",
        post="login login moved 403 | moved",
    ),
    Row("admin/hr/paycode/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row(
        "admin/hr/paycode/<path:object_id>/change/",
        get="login login 200 403 | moved",
        post="login login moved 403 | moved",
        body=_CODE,
        audit={"GET": Nothing("what a line means, nobody's pay"), "POST": "pay_code.change paycode:{paycode}"},
    ),
    Row("admin/hr/paycode/<path:object_id>/", get=_MOVES, post=_MOVES),
    Row(
        "admin/hr/paydetails/<path:object_id>/open-details/",
        get="login login 200 403 | moved",
        post="login login 200 403 | moved",
        audit={
            "GET": "pay_details.open_form paydetails:{paydetails}",
            "POST": "pay_details.open_for_hr employee:{employee}",
        },
    ),
    Row(
        "admin/hr/paydetails/",
        get="login login 200 403",
        post="login login 200 403",
        audit="pay_details.list",
    ),
    Row(
        "admin/hr/paydetails/add/",
        get="login login 200 403",
        post="login login 200 403",
        body=_DETAILS,
        audit={
            "GET": Nothing("an empty form"),
            "POST": leaves("pay_details.change employee:*", given=deeds.person_without_pay_details, answers="moved"),
        },
    ),
    Row(
        "admin/hr/paydetails/<path:object_id>/history/",
        get="login login moved 403 | moved",
        post="login login moved 403 | moved",
    ),
    Row("admin/hr/paydetails/<path:object_id>/delete/", get="login login 403", post="login login 403"),
    Row(
        "admin/hr/paydetails/<path:object_id>/change/",
        get="login login 200 403 | moved",
        post="login login moved 403 | moved",
        body=_DETAILS,
        audit={
            "GET": "pay_details.open_form paydetails:{paydetails}",
            "POST": "pay_details.change employee:{employee}",
        },
    ),
    Row("admin/hr/paydetails/<path:object_id>/", get=_MOVES, post=_MOVES),
)


def _on_the_platform(row: Row) -> Row:
    """The same routes exist there, and are there for nobody; only the bare id leads on to the page that refuses."""
    outcome = "login moved | moved" if row.get == _MOVES else "login 403"
    return Row(row.route, get=outcome, post=outcome)


PLATFORM = tuple(_on_the_platform(row) for row in ADMIN)
