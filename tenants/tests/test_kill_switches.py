"""Switching off and on: who may, what is recorded, what the database refuses, and what a process believes."""

import time
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from tenants import context
from tenants import services as tenants
from tenants.kill_switches import effect, services, state, wording
from tenants.models import KillSwitch, SwitchWitness, Tenant
from tenants.tasks import settle_kill_switches

ANN, BEA, CYD = "operator:901", "operator:902", "operator:903"
Feature = KillSwitch.Feature


def engage(tenant=None, feature=Feature.EVERYTHING, by=ANN, **kwargs):
    scope = "employee" if "employee_id" in kwargs else "tenant" if tenant else "platform"
    return services.engage(scope=scope, feature=feature, tenant=tenant, by=by, reason="a suspected leak", **kwargs)


def verbs(target):
    return list(AuditLog.objects.filter(target=target).order_by("pk").values_list("verb", "actor", "reason"))


# --- what a switch does and leaves ---------------------------------------------------------------------------------


def test_suspension_and_resumption_stand_in_both_logs(acme):
    switch = engage(acme)
    acme.refresh_from_db()
    assert (acme.state, acme.state_reason) == ("suspended", "a suspected leak")

    services.release(switch=switch, by=BEA, reason="it was none")

    acme.refresh_from_db()
    expected = [("tenant.suspend", ANN, "a suspected leak"), ("tenant.resume", BEA, "it was none")]
    assert acme.is_active and acme.state_reason == ""
    assert verbs(f"tenant:{acme.uuid}")[-2:] == expected
    with context.enter(acme):
        assert verbs(f"tenant:{acme.uuid}")[-2:] == expected


def test_switch_of_a_person_names_them_by_number_in_the_companys_log(acme, bob):
    engage(acme, employee_id=bob.pk)

    with context.enter(acme):
        assert verbs(f"employee:{bob.pk}")[-1] == ("kill_switch.engage", ANN, "a suspected leak")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scope": "platform", "tenant": True}, "Name a company"),
        ({"scope": "tenant"}, "Name a company"),
        ({"scope": "tenant", "tenant": True, "employee_id": 1}, "Name a person"),
        ({"scope": "employee", "tenant": True}, "Name a person"),
        ({"scope": "employee", "tenant": True, "employee_id": 1, "feature": "tools"}, "altogether"),
        ({"scope": "employee", "tenant": True, "employee_id": 2**40}, "has no person"),
        ({"scope": "galaxy"}, "no such scope"),
        ({"scope": "platform", "feature": "gravity"}, "no such scope"),
        ({"scope": "platform", "expires_at": -1}, "has passed"),
        ({"scope": "platform", "expires_at": 366 * 24 * 60}, "within one year at most"),
        ({"scope": "platform", "expires_at": 4_000_000_000}, "within one year at most"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_does_not_fit_together_is_refused(acme, given, message):
    given = {"feature": Feature.EVERYTHING, "by": ANN, "reason": "a suspected leak", **given}
    given["tenant"] = acme if given.get("tenant") else None
    if "expires_at" in given:
        given["expires_at"] = timezone.now() + timedelta(minutes=given["expires_at"])

    with pytest.raises(services.CannotSwitchOff, match=message):
        services.engage(**given)


@pytest.mark.parametrize("reason", ["", "  ", "x", " x y "[:2]])
def test_every_move_takes_a_reason(acme, reason):
    switch = engage(acme, Feature.TOOLS)

    for move in (services.request_release, services.release):
        with pytest.raises(services.ReasonNeeded):
            move(switch=switch, by=BEA, reason=reason)
    with pytest.raises(services.ReasonNeeded):
        services.engage(scope="platform", feature=Feature.TOOLS, by=ANN, reason=reason)


def test_the_same_is_switched_off_once(acme, globex):
    engage(acme, Feature.VECTORS)

    with pytest.raises(services.AlreadyOff, match="Search by meaning: Acme Instruments is off already"):
        engage(acme, Feature.VECTORS, by=BEA)
    engage(globex, Feature.VECTORS)
    engage(acme, Feature.TOOLS)
    engage(None, Feature.VECTORS)
    assert KillSwitch.objects.engaged().count() == 4


# --- the second person ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engaged_by", "asked_by", "released_by", "allowed"),
    [
        (ANN, "", BEA, True),
        (ANN, ANN, BEA, True),
        (ANN, BEA, CYD, True),
        (ANN, "", ANN, False),
        (ANN, BEA, BEA, False),
        (ANN, BEA, ANN, False),
        (ANN, "", "operator:shell", False),
        (ANN, "", "service:platform:1", False),
        (ANN, "", "system", False),
        ("operator:shell", "", BEA, False),
        ("operator:shell", ANN, BEA, True),
        ("operator:shell", "service:platform:1", BEA, False),
        ("service:platform:1", "", BEA, False),
        ("service:platform:1", ANN, BEA, True),
        ("system", ANN, ANN, False),
    ],
)
@pytest.mark.parametrize("feature", [Feature.EVERYTHING, Feature.TOOLS])
def test_two_persons_are_in_every_release(acme, feature, engaged_by, asked_by, released_by, allowed):
    switch = engage(acme, feature, by=engaged_by)
    if asked_by:
        services.request_release(switch=switch, by=asked_by, reason="it was none")

    if allowed:
        services.release(switch=switch, by=released_by, reason="it was none")
    else:
        with pytest.raises(services.SecondPersonNeeded):
            services.release(switch=switch, by=released_by, reason="it was none")

    switch.refresh_from_db()
    assert switch.is_engaged != allowed


@pytest.mark.parametrize(
    "row",
    [
        {"released_by": ANN},
        {"released_by": "operator:shell"},
        {"released_by": "operator:1x"},
        {"released_by": BEA, "release_requested_by": BEA},
        {"released_by": BEA, "enabled_by": "system"},
    ],
    ids=str,
)
def test_the_database_refuses_a_release_without_a_second_person(acme, row):
    switch = engage(acme, Feature.TOOLS)
    released = {"state": "released", "released_at": timezone.now(), "release_reason": "by hand", **row}

    with pytest.raises(IntegrityError, match="kill_switch_second_person_releases"), transaction.atomic():
        KillSwitch.objects.filter(pk=switch.pk).update(**released)


def test_a_release_counts_once(acme):
    switch = engage(acme, Feature.TOOLS)
    services.release(switch=switch, by=BEA, reason="it was none")

    for move in (services.release, services.request_release):
        with pytest.raises(services.NotOff):
            move(switch=switch, by=CYD, reason="again")


# --- what the database refuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        ({"scope": "galaxy"}, "kill_switch_scope_known"),
        ({"feature": "gravity"}, "kill_switch_feature_known"),
        ({"state": "dreaming"}, "kill_switch_(state_known|end_is_complete)"),
        ({"scope": "platform"}, "kill_switch_target_fits_scope"),
        ({"scope": "employee"}, "kill_switch_target_fits_scope"),
        ({"scope": "employee", "employee_id": 1}, "kill_switch_target_fits_scope"),
        ({"reason": ""}, "kill_switch_has_a_reason"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "kill_switch_expires_after_it_began"),
        ({"state": "released", "released_by": BEA}, "kill_switch_end_is_complete"),
        ({"state": "lapsed"}, "kill_switch_end_is_complete"),
        ({"released_at": timezone.now()}, "kill_switch_end_is_complete"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_rows_that_cannot_be(acme, row, constraint):
    switch = engage(acme, Feature.TOOLS)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        KillSwitch.objects.filter(pk=switch.pk).update(**row)


@pytest.mark.parametrize("tenant", [True, False])
def test_the_database_knows_one_engaged_switch_of_a_kind(acme, tenant):
    switch = engage(acme if tenant else None, Feature.TOOLS)
    switch.pk = None

    with pytest.raises(IntegrityError, match="kill_switch_engaged_once"), transaction.atomic():
        switch.save(force_insert=True)


# --- ending by itself ----------------------------------------------------------------------------------------------


def let_time_pass(switch):
    """Two hours."""
    ago = timezone.now() - timedelta(hours=2)
    KillSwitch.objects.filter(pk=switch.pk).update(enabled_at=ago, expires_at=ago + timedelta(hours=1))
    state.forget()


def test_a_switch_ends_by_itself_and_the_job_records_it(acme, django_capture_on_commit_callbacks):
    switch = engage(acme, expires_at=timezone.now() + timedelta(hours=1))
    engage(acme, Feature.TOOLS, expires_at=timezone.now() + timedelta(hours=1))
    assert state.off_for_company(acme) is not None
    settle_kill_switches()
    assert KillSwitch.objects.engaged().count() == 2

    let_time_pass(switch)
    acme.refresh_from_db()
    assert state.off_for_company(acme) is None and not state.is_suspended(acme)  # before anybody recorded it
    settle_kill_switches()

    acme.refresh_from_db()
    assert acme.is_active
    assert verbs(f"tenant:{acme.uuid}")[-1] == ("kill_switch.lapse", "system", "ended at the time that was set")
    assert list(KillSwitch.objects.order_by("pk").values_list("state", flat=True)) == ["lapsed", "engaged"]


def test_what_has_ended_but_is_not_recorded_yet_can_be_switched_off_again(acme):
    let_time_pass(engage(acme, expires_at=timezone.now() + timedelta(hours=1)))

    again = engage(acme, by=BEA)

    acme.refresh_from_db()
    assert (acme.state, again.is_engaged) == ("suspended", True)


# --- what a process believes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "feature", "off_for_acme", "off_for_globex"),
    [
        ("tenant", Feature.TOOLS, {"tools"}, set()),
        ("tenant", Feature.EVERYTHING, set(Feature.values), set()),
        ("platform", Feature.VECTORS, {"vectors"}, {"vectors"}),
        ("platform", Feature.EVERYTHING, set(Feature.values), set(Feature.values)),
        ("employee", Feature.EVERYTHING, set(), set()),
    ],
)
def test_a_switch_concerns_whom_it_names(acme, globex, bob, charlie, scope, feature, off_for_acme, off_for_globex):
    given = {"employee_id": bob.pk} if scope == "employee" else {}
    engage(None if scope == "platform" else acme, feature, **given)

    def off(tenant):
        with context.enter(tenant):
            return {name for name in Feature.values if state.off(name) is not None}

    assert (off(acme), off(globex)) == (off_for_acme, off_for_globex)
    with context.enter(acme):
        assert (state.off_for_person(bob.pk) is not None) == (scope == "employee")
    with context.enter(globex):  # whoever has the same number there
        assert state.off_for_person(bob.pk) is None
        assert wording.noticed_by_employees() == [
            wording._NOTICED[name] for name in wording._NOTICED if name in off_for_globex
        ]


def test_a_known_state_costs_no_query_and_is_read_again_after_a_second(acme):
    first = state.current()
    assert state.current() is first

    state._snapshot = replace(first, read_at=first.read_at - state.MAX_AGE_SECONDS)

    assert state.current() is not first


def test_another_processes_switch_counts_after_a_second_at_most(acme):
    assert state.off_for_company(acme) is None
    before = state._snapshot
    engage(acme)
    state._snapshot = before  # as in a process that has not read since

    assert state.off_for_company(acme) is None and not acme.is_active
    assert state.is_suspended(acme)  # the company's row, which every request reads, says so at once
    state._snapshot = replace(before, read_at=before.read_at - state.MAX_AGE_SECONDS)
    assert state.off_for_company(acme) is not None


def test_asking_costs_less_than_a_tenth_of_a_millisecond(in_acme):
    engage(in_acme, Feature.TOOLS)
    state.current()

    def of_a_thousand():
        started = time.perf_counter()
        for _ in range(1000):
            state.off(Feature.VECTORS)
        return time.perf_counter() - started

    assert min(of_a_thousand() for _ in range(5)) < 0.1


@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/documents"])
def test_what_cannot_be_read_is_refused_within_two_seconds_and_the_console_is_reachable(committed, path):
    acme = Client(headers={"host": "acme.localhost"}, raise_request_exception=False)
    platform = Client(headers={"host": "localhost"})
    with psycopg.connect(connection_url(), autocommit=False) as other:
        other.execute("LOCK TABLE public.kill_switches IN ACCESS EXCLUSIVE MODE")
        state.forget()
        started = time.monotonic()
        answers = [acme.get(path)]
        spent = time.monotonic() - started
        answers += [acme.get(path) for _ in range(2)]
        console = platform.get("/admin/login/")
        other.rollback()
    state.forget()

    assert {answer.status_code for answer in answers} == {503}
    assert {answer["Retry-After"] for answer in answers} == {"5"}
    assert spent < 2
    assert console.status_code == 200
    assert acme.get("/sign-in/").status_code == 200


def connection_url():
    return settings.DATABASE_URL


# --- the time to effect --------------------------------------------------------------------------------------------


def test_time_to_effect_is_until_the_last_living_process_noticed(acme):
    switch = engage(acme)
    effect.note(process="web:a", kind="web", generation=switch.generation)
    effect.note(process="worker:b", kind="worker", generation=switch.generation)
    SwitchWitness.objects.filter(process="worker:b").update(noticed_at=switch.enabled_at + timedelta(seconds=0.7))
    SwitchWitness.objects.create(
        process="web:dead",
        kind="web",
        generation=0,
        noticed_at=timezone.now() - timedelta(hours=1),
        alive_at=timezone.now() - timedelta(hours=1),
    )

    measured = effect.measure(switch=switch)

    switch.refresh_from_db()
    assert (switch.effect_processes, switch.effect_silent) == (2, 0)
    assert switch.effect_seconds == measured.seconds == pytest.approx(0.7, abs=0.2)
    assert "2 processes refused within 0." in str(measured)


def test_process_that_does_not_notice_is_counted(acme):
    effect.note(process="web:slow", kind="web", generation=0)
    switch = engage(acme)

    measured = effect.measure(switch=switch, timeout_seconds=0.1)

    assert (measured.seconds, measured.processes, measured.silent) == (None, 0, 1)


# --- in words ------------------------------------------------------------------------------------------------------


def test_hr_reads_why_their_company_is_concerned_but_not_why_everybody_is(acme, globex):
    engage(acme, Feature.UPLOADS)
    engage(globex, Feature.TOOLS)
    services.engage(scope="platform", feature=Feature.VECTORS, by=ANN, reason="trouble at Globex")

    told = wording.told_to_company(tenant=acme, now=timezone.now())

    assert [(off.feature, off.reason) for off in told] == [("uploads", "a suspected leak"), ("vectors", "")]


def test_service_functions_of_companies_name_the_actor(acme):
    with time_machine.travel(timezone.now(), tick=True):
        switch = tenants.suspend(tenant=acme, reason="unpaid", by=ANN)
        tenants.request_resume(tenant=acme, reason="paid", by=ANN)
        tenants.resume(tenant=acme, reason="paid", by=BEA)

    switch.refresh_from_db()
    assert (switch.enabled_by, switch.release_requested_by, switch.released_by) == (ANN, ANN, BEA)
    with pytest.raises(tenants.WrongTenantState, match="is not suspended"):
        tenants.resume(tenant=acme, reason="paid", by=CYD)


def test_operators_list_takes_the_same_number_of_queries_for_more_switches(acme, globex):
    operator = User.objects.create_superuser("ann@platform.example", "ann@platform.example", None)
    client = Client(headers={"host": "localhost"})
    client.force_login(operator, backend="hr.backends.EmployeeBackend")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/admin/tenants/killswitch/").content.decode()
        return len(captured), page

    engage(acme, Feature.TOOLS, by=f"operator:{operator.pk}")
    queries()
    one, page = queries()
    for feature in (Feature.VECTORS, Feature.UPLOADS, Feature.LANGUAGE_MODEL):
        engage(globex, feature)
    four, _ = queries()

    assert four == one
    assert "ann@platform.example" in page and "a suspected leak" in page
    assert Tenant.objects.count() >= 2
