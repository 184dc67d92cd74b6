"""manage.py ask --tenant acme "How many days of parental leave do I get?" """

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from audit import services as audit
from hr import access
from hr.models import Employee
from retrieval import services
from retrieval.answers import Answer, Standpoint
from retrieval.search import search
from tenants.management.base import TenantCommand
from tenants.models import Tenant


class Command(TenantCommand):
    help = (
        "Ask as one person of a company; shows the answer, its passages and their scores. "
        "That it was asked is audited; nothing is added to that person's conversations."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("question")
        parser.add_argument(
            "--as",
            dest="email",
            metavar="E-MAIL",
            help="whose rights count (default: an active employee without special rights)",
        )
        parser.add_argument("--passages", type=int, default=5, help="how many passages to show (default 5)")

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        employee = _person(options["email"])
        try:
            with transaction.atomic():
                answer = services.ask(
                    question=options["question"], employee=employee, standpoint=Standpoint(documents_only=True)
                )
                # Nobody's conversations grow by an operator's try; that it was made is recorded below.
                transaction.set_rollback(True)
        except (services.QuestionEmpty, services.QuestionTooLong, services.SearchUnavailable) as error:
            raise CommandError(str(error) or "Search is not available.") from error
        audit.record_read(verb="question.try", target=employee.actor_label, details={"outcome": answer.outcome})
        self.stdout.write(f"With the rights of {employee.actor_label} (role {employee.role}):\n")
        self._show(answer)
        result = search(question=options["question"], scope=access.scope_of(employee), limit=options["passages"])
        self.stdout.write("\nPassages:")
        for passage in result.passages:
            place = f"p. {passage.page}" if passage.page else passage.heading or "start"
            scores = passage.scores
            self.stdout.write(
                f"{passage.rank:3}. {passage.title} ({place})  fused {scores.fused:.3f}  "
                f"cosine {scores.dense:.3f}  BM25 {scores.bm25:.2f}"
            )
            self.stdout.write(f"     {' '.join(passage.text.split())[:160]}")

    def _show(self, answer: Answer) -> None:
        if answer.outcome == "answered":
            for sentence in answer.sentences:
                numbers = "".join(f"[{n}]" for n in sentence.citations)
                self.stdout.write(f"{sentence.text} {numbers}")
        else:
            self.stdout.write("The documents do not say.")
        self.stdout.write(
            f"\nConfidence {answer.confidence:.2f} (threshold {answer.threshold:.2f}), written by: {answer.generator}"
        )
        for citation in answer.citations:
            place = f", page {citation.page}" if citation.page else ""
            self.stdout.write(f"[{citation.n}] {citation.title}{place}: {citation.heading}")
        self.stdout.write("Timings (ms): " + ", ".join(f"{stage} {ms}" for stage, ms in answer.timings_ms.items()))


def _person(email: str | None) -> Employee:
    people = Employee.objects.active()
    if email:
        person = people.with_email(email).first()
        if person is None:
            raise CommandError(f"There is no active person with the address {email}.")
        return person
    person = people.filter(role=Employee.Role.EMPLOYEE).order_by("pk").first()
    if person is None:
        raise CommandError("The company has no active person without special rights; name somebody with --as.")
    return person
