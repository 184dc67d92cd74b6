"""What the public schema keeps: companies, their host names, and the keys that sign tokens."""

from tenants.models.signing_keys import SigningKey
from tenants.models.tenants import HOST_NAME, Domain, Tenant, check_time_zone

__all__ = ["HOST_NAME", "Domain", "SigningKey", "Tenant", "check_time_zone"]
