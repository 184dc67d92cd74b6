"""The WSGI application that granian serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ragsite.settings")

application = get_wsgi_application()

from tenants.kill_switches import watching  # noqa: E402  (models, once Django is set up)

# What is loaded by now stays, so the collector need not walk through it again, which took 80 ms of some request. The
# routes bring most of the code along; loaded here, no request waits for them either.
for urls in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
    import_module(urls)
gc.collect()
gc.freeze()

# After the freeze, in each process that serves: from here on it notices within half a second what is switched off.
watching.start(kind="web")
