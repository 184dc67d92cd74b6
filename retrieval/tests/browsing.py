"""Signed-in browsers without JavaScript, for page tests."""

from typing import Any

from django.db import connection
from django.test import Client

from hr.models import Employee
from tenants import context
from tenants.models import Tenant


class Browser(Client):
    """A test client after whose requests the test's thread works for the same company as before them."""

    def request(self, **request: Any) -> Any:
        before = connection.tenant
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(before)


def browser_of(employee: Employee, tenant: Tenant) -> Browser:
    """A browser with a session of this person at their company's host."""
    browser = Browser(headers={"host": f"{tenant.schema_name}.localhost"})
    with context.enter(tenant):
        browser.force_login(employee.user, backend="hr.backends.EmployeeBackend")
    return browser
