"""What is always true of rows about leave, each rule violated once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hr.models import (
    Employee,
    HolidayChange,
    LeaveDelegation,
    LeaveEntitlement,
    LeavePolicy,
    LeaveRequest,
    LeaveType,
    WorkingWeek,
)

pytestmark = pytest.mark.usefixtures("in_acme")


def refused_by(constraint: str, model: Any, **fields: Any) -> None:
    """The row is refused, and by the constraint of that name."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.create(**fields)


def a_request(employee: Employee, **changed: Any) -> dict[str, Any]:
    fields = {
        "employee": employee,
        "leave_type": LeaveType.objects.get(code="vacation"),
        "first_day": date(2026, 3, 2),
        "last_day": date(2026, 3, 6),
        "days": Decimal(5),
    }
    return fields | changed


def a_policy(**changed: Any) -> dict[str, Any]:
    return {"country": "DE", "from_year": 2026, "annual_days": Decimal(30)} | changed


def test_a_company_begins_with_the_usual_kinds_of_leave() -> None:
    kinds = dict(LeaveType.objects.values_list("code", "uses_balance"))

    assert kinds == {"vacation": True, "sick": False, "parental": False, "special": False, "unpaid": False}
    assert not LeaveType.objects.get(code="sick").needs_approval


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("leave_request_state_known", {"state": "dreamt"}),
        ("leave_request_ends_after_the_start", {"last_day": date(2026, 3, 1)}),
        (
            "leave_request_has_some_of_its_day",
            {"last_day": date(2026, 3, 2), "first_day_half": True, "last_day_half": True},
        ),
        ("leave_request_counts_some_day", {"days": Decimal(0)}),
        ("leave_request_rejected_at_some_time", {"state": "rejected"}),
        ("leave_request_cancelled_at_some_time", {"state": "cancelled"}),
        ("leave_request_cancelled_at_some_time", {"cancelled_at": datetime(2026, 1, 1, tzinfo=UTC)}),
    ],
)
def test_requests_that_cannot_be(bob: Employee, name: str, changed: dict[str, Any]) -> None:
    refused_by(name, LeaveRequest, **a_request(bob, **changed))


def test_nobody_decides_on_or_stands_in_for_themselves(bob: Employee) -> None:
    refused_by("leave_request_delegate_is_somebody_else", LeaveRequest, **a_request(bob, delegate=bob))
    refused_by("leave_request_not_decided_by_oneself", LeaveRequest, **a_request(bob, decided_by=bob))


def test_active_requests_of_a_person_do_not_overlap(alice: Employee, bob: Employee) -> None:
    LeaveRequest.objects.create(**a_request(bob))

    refused_by(
        "leave_request_no_overlap",
        LeaveRequest,
        **a_request(bob, first_day=date(2026, 3, 6), last_day=date(2026, 3, 9), state="approved"),
    )
    LeaveRequest.objects.create(**a_request(alice))
    LeaveRequest.objects.create(**a_request(bob, first_day=date(2026, 3, 7), last_day=date(2026, 3, 9)))
    LeaveRequest.objects.create(**a_request(bob, state="rejected", decided_at=datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_morning_and_an_afternoon_do_not_overlap(bob: Employee) -> None:
    day, half = date(2026, 3, 2), Decimal("0.5")
    LeaveRequest.objects.create(**a_request(bob, last_day=day, last_day_half=True, days=half))
    LeaveRequest.objects.create(**a_request(bob, last_day=day, first_day_half=True, days=half))

    refused_by("leave_request_no_overlap", LeaveRequest, **a_request(bob, last_day=day))


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("leave_policy_country_is_a_code", {"country": "de"}),
        ("leave_policy_year_is_plausible", {"from_year": 26}),
        ("leave_policy_days_fit_in_a_year", {"annual_days": Decimal(367)}),
        ("leave_policy_carry_over_fits_in_a_year", {"carry_over_max_days": Decimal(-1)}),
        ("leave_policy_carry_over_until_a_day_of_the_year", {"carry_over_until": "02-30"}),
        ("leave_policy_carry_over_until_a_day_of_the_year", {"carry_over_until": "04-31"}),
        ("leave_policy_accrual_known", {"accrual": "weekly"}),
        ("leave_policy_rounding_known", {"rounding": "down"}),
    ],
)
def test_policies_that_cannot_be(name: str, changed: dict[str, Any]) -> None:
    refused_by(name, LeavePolicy, **a_policy(**changed))


def test_one_policy_a_year_for_a_kind_of_people() -> None:
    LeavePolicy.objects.create(**a_policy(carry_over_until="03-31"))

    refused_by("leave_policy_once_a_year_for_a_kind_of_people", LeavePolicy, **a_policy())
    LeavePolicy.objects.create(**a_policy(employment_type="intern"))


def test_what_hr_states_has_a_kind_a_size_and_a_reason(bob: Employee) -> None:
    stated = {"employee": bob, "year": 2026, "days": Decimal(2), "reason": "Long service"}

    refused_by("leave_entitlement_kind_known", LeaveEntitlement, **stated | {"kind": "gift"})
    refused_by("leave_entitlement_days_fit_in_a_year", LeaveEntitlement, **stated | {"days": Decimal(400)})
    refused_by(
        "leave_entitlement_days_fit_in_a_year", LeaveEntitlement, **stated | {"kind": "annual", "days": Decimal(-1)}
    )
    refused_by("leave_entitlement_has_a_reason", LeaveEntitlement, **stated | {"reason": ""})


def test_a_figure_is_stated_once_but_days_are_added_often(bob: Employee) -> None:
    stated = {"employee": bob, "year": 2026, "days": Decimal(2), "reason": "Long service"}
    LeaveEntitlement.objects.create(**stated | {"kind": "carried_over"})
    LeaveEntitlement.objects.create(**stated)
    LeaveEntitlement.objects.create(**stated)

    refused_by("leave_entitlement_states_a_figure_once", LeaveEntitlement, **stated | {"kind": "carried_over"})


def test_delegations_that_cannot_be(alice: Employee, bob: Employee) -> None:
    days = {"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 6)}

    refused_by("leave_delegation_is_to_somebody_else", LeaveDelegation, manager=bob, delegate=bob, **days)
    refused_by(
        "leave_delegation_ends_after_the_start",
        LeaveDelegation,
        manager=alice,
        delegate=bob,
        first_day=date(2026, 3, 6),
        last_day=date(2026, 3, 2),
    )


def test_changes_to_holidays_that_cannot_be() -> None:
    day = date(2026, 12, 24)
    HolidayChange.objects.create(country="DE", day=day, name="Christmas Eve")

    refused_by("holiday_change_once_a_day", HolidayChange, country="DE", day=day, name="Again")
    refused_by("holiday_change_country_is_a_code", HolidayChange, country="de", day=day, name="X")
    refused_by("holiday_change_names_a_new_holiday", HolidayChange, country="FR", day=day)


def test_a_working_week_is_made_of_half_days(bob: Employee) -> None:
    refused_by("working_week_of_half_days", WorkingWeek, employee=bob, monday=Decimal("0.3"))
