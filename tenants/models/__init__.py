"""What the public schema keeps: companies, their host names, keys that sign tokens, and the platform's programs."""

from tenants.models.cutoffs import TokenCutoff
from tenants.models.kill_switches import KillSwitch, ParkedTask, SwitchWitness
from tenants.models.service_accounts import OperatorToken, PlatformServiceAccount, ServiceAccountBase
from tenants.models.sessions import BrowserSessionBase, OperatorSession
from tenants.models.signing_keys import SigningKey
from tenants.models.tenants import HOST_NAME, Domain, Tenant, check_time_zone

__all__ = [
    "HOST_NAME",
    "BrowserSessionBase",
    "Domain",
    "KillSwitch",
    "OperatorSession",
    "OperatorToken",
    "ParkedTask",
    "PlatformServiceAccount",
    "ServiceAccountBase",
    "SigningKey",
    "SwitchWitness",
    "Tenant",
    "TokenCutoff",
    "check_time_zone",
]
