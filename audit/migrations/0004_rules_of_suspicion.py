"""One row for each rule, with the figures that a company begins with."""

from django.db import migrations

# rule: threshold, window in minutes, factor over the person's own usual figure
BEGIN_WITH = {
    "burst": (60, 10, 3),
    "off_hours": (20, 720, 3),
    "others_named": (3, 1440, 1),
    "injection_question": (1, 60, 1),
    "injection_document": (1, 1440, 1),
    "denied_rate": (10, 60, 1),
    "confidential_refusals": (5, 1440, 1),
    "sign_in_failures": (5, 15, 1),
    "token_reuse": (1, 60, 1),
}


def make(apps, schema_editor):
    rules = apps.get_model("audit", "SuspicionRule")
    rules.objects.bulk_create(
        [
            rules(rule=rule, threshold=threshold, window_minutes=minutes, factor=factor)
            for rule, (threshold, minutes, factor) in BEGIN_WITH.items()
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_findings")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
