"""A company that was suspended before there were switches gets one, so that it is resumed like any other."""

from django.db import migrations

SUSPENDED = """
INSERT INTO public.kill_switches (
    scope, feature, tenant_id, state, reason, enabled_by, enabled_at, release_requested_by, release_request_reason,
    released_by, release_reason, generation, effect_processes, effect_silent
)
SELECT 'tenant', 'everything', id, 'engaged', coalesce(nullif(state_reason, ''), 'suspended by an earlier release'),
    'system', now(), '', '', '', '', nextval('public.kill_switch_generations'), 0, 0
FROM public.tenants WHERE state = 'suspended'
"""


class Migration(migrations.Migration):

    dependencies = [
        ("tenants", "0007_kill_switches"),
    ]

    operations = [migrations.RunSQL(SUSPENDED, migrations.RunSQL.noop)]
