"""Rows of the audit log: written in the action's transaction, whole, one INSERT each."""

import pytest
from django.db import transaction

from audit import actors
from audit import services as audit
from audit.models import AuditLog


def test_row_that_was_recorded_is_the_row_that_is_read(in_acme, django_assert_num_queries):
    actor = actors.Actor(kind="employee", label="employee:17", request_id="r-1")

    with actors.acting_as(actor), transaction.atomic():
        written = audit.record(
            verb="leave.approved",
            target="leave:3",
            reason="agreed",
            confidence=0.5,
            digest="d" * 64,
            prompt_version="p1",
            model_version="m1",
            details={"days": 3},
        )

    read = AuditLog.objects.get(pk=written.pk)
    assert [getattr(read, f.attname) for f in AuditLog._meta.concrete_fields] == [
        getattr(written, f.attname) for f in AuditLog._meta.concrete_fields
    ]
    assert (read.actor_kind, read.actor, read.request_id) == ("employee", "employee:17", "r-1")
    assert (read.verb, read.outcome, read.details) == ("leave.approved", "success", {"days": 3})


def test_read_is_one_row_and_one_query(in_acme, django_assert_num_queries):
    with django_assert_num_queries(1):
        audit.record_read(verb="search.run", digest="d", details={"passages": 2})

    assert AuditLog.objects.get(verb="search.run").details == {"passages": 2}


def test_row_that_cannot_be_written_takes_the_action_with_it(in_acme):
    with pytest.raises(audit.BadAuditRow), transaction.atomic():
        in_acme.name = "Renamed"
        in_acme.save(update_fields=["name"])
        audit.record(verb="v" * 65)

    in_acme.refresh_from_db()
    assert in_acme.name != "Renamed"


def test_record_outside_a_transaction_is_refused(committed):
    with pytest.raises(audit.AuditOutsideTransaction):
        audit.record(verb="nothing")


def test_many_rows_at_once_are_what_one_by_one_would_be(in_acme):
    with transaction.atomic():
        audit.record(verb="a.b", target="x:1", reason="why", details={"n": [1, "ü"]})
        audit.record_all([audit.Entry(verb="a.b", target="x:1", reason="why", details={"n": [1, "ü"]})] * 2)

    rows = list(AuditLog.objects.filter(verb="a.b").order_by("pk").values())
    different = ("id", "at", "sequence", "previous_hash", "row_hash")
    assert len(rows) == 3
    assert len({str({name: value for name, value in row.items() if name not in different}) for row in rows}) == 1


def test_many_rows_need_a_transaction(committed):
    with pytest.raises(audit.AuditOutsideTransaction):
        audit.record_all([])
