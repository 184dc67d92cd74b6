"""Calls of tools, proposals that wait for a click, sealed parts of answers, the company's words on sensitive topics."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import hr.fields

_TOPICS = ("harassment", "grievance", "bereavement", "health", "redundancy", "whistleblowing")


def add_topics(apps, schema_editor):
    """One row a topic, with empty fields: the product's own words until HR writes theirs."""
    model = apps.get_model("retrieval", "SensitiveTopicText")
    model.objects.bulk_create([model(topic=topic) for topic in _TOPICS], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("hr", "0004_pay"),
        ("retrieval", "0004_filters_are_asked_not_copied"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "content",
                    hr.fields.EncryptedJSON(
                        help_text="{version, question, parts, sensitive}: see retrieval.services.sealed_parts."
                    ),
                ),
            ],
            options={
                "db_table": "answer_records",
            },
        ),
        migrations.CreateModel(
            name="SensitiveTopicText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("harassment", "Harassment and bullying"),
                            ("grievance", "Grievances and complaints"),
                            ("bereavement", "Bereavement"),
                            ("health", "Illness and mental health"),
                            ("redundancy", "Losing the job"),
                            ("whistleblowing", "Reporting wrongdoing"),
                        ],
                        editable=False,
                        max_length=24,
                        unique=True,
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        blank=True,
                        help_text="Shown word for word; a blank line begins a paragraph. Empty: the product's words.",
                        max_length=4000,
                    ),
                ),
                (
                    "contact_name",
                    models.CharField(blank=True, help_text="A person or an office that people trust.", max_length=120),
                ),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("contact_phone", models.CharField(blank=True, max_length=40)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "sensitive topic",
                "db_table": "sensitive_topic_texts",
            },
        ),
        migrations.CreateModel(
            name="ToolCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tool", models.CharField(max_length=64)),
                (
                    "arguments_digest",
                    models.CharField(help_text="Keyed: it names the arguments and does not tell them.", max_length=64),
                ),
                ("is_allowed", models.BooleanField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("done", "Read"),
                            ("empty", "Nothing on record"),
                            ("asked", "Asked back"),
                            ("proposed", "Waits for a click"),
                            ("executed", "Done after a click"),
                            ("denied", "Refused"),
                            ("unavailable", "Could not be read"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, help_text="A stable code when it was not simply done.", max_length=64),
                ),
                ("called_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "tool_calls",
            },
        ),
        migrations.CreateModel(
            name="ToolProposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("tool", models.CharField(max_length=64)),
                ("arguments", models.JSONField()),
                (
                    "digest",
                    models.CharField(help_text="Keyed, over id, person, question, tool and arguments.", max_length=64),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waits for a click"),
                            ("done", "Done"),
                            ("refused", "Not possible any more"),
                        ],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "tool_proposals",
            },
        ),
        migrations.RemoveConstraint(
            model_name="query",
            name="query_outcome_known",
        ),
        migrations.AlterField(
            model_name="query",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("answered", "Answered"),
                    ("abstained", "The documents do not say"),
                    ("asked_back", "Asked back"),
                    ("sensitive", "Approved text"),
                    ("denied", "Somebody else's record"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="query",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["answered", "abstained", "asked_back", "sensitive", "denied"])),
                name="query_outcome_known",
            ),
        ),
        migrations.AddField(
            model_name="answerrecord",
            name="employee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="answer_records", to="hr.employee"
            ),
        ),
        migrations.AddField(
            model_name="answerrecord",
            name="query",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="record", to="retrieval.query"
            ),
        ),
        migrations.AddField(
            model_name="answerrecord",
            name="subject_key",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="answer_records", to="hr.subjectkey"
            ),
        ),
        migrations.AddConstraint(
            model_name="sensitivetopictext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("topic__in", ["harassment", "grievance", "bereavement", "health", "redundancy", "whistleblowing"])
                ),
                name="sensitive_topic_known",
            ),
        ),
        migrations.AddField(
            model_name="toolcall",
            name="employee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tool_calls", to="hr.employee"
            ),
        ),
        migrations.AddField(
            model_name="toolcall",
            name="query",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="tool_calls",
                to="retrieval.query",
            ),
        ),
        migrations.AddField(
            model_name="toolproposal",
            name="employee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tool_proposals", to="hr.employee"
            ),
        ),
        migrations.AddField(
            model_name="toolproposal",
            name="query",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="retrieval.query",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolcall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["done", "empty", "asked", "proposed", "executed", "denied", "unavailable"])
                ),
                name="tool_call_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolcall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_allowed", True), models.Q(("outcome", "denied"), _negated=True)),
                    models.Q(("is_allowed", False), ("outcome", "denied")),
                    _connector="OR",
                ),
                name="tool_call_denied_means_not_allowed",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "done", "refused"])), name="tool_proposal_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="toolproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="tool_proposal_expires_after_it_was_made",
            ),
        ),
        migrations.AddConstraint(
            model_name="toolproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("state", "pending")),
                    models.Q(models.Q(("state", "pending"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="tool_proposal_decided_at_some_time",
            ),
        ),
        migrations.RunPython(add_topics, migrations.RunPython.noop),
    ]
