"""The log and its findings in the consoles: the company's own on its host, the platform's on the platform's."""

from audit.admin.findings import FindingAdmin, SuspicionRuleAdmin
from audit.admin.log import AuditLogAdmin

__all__ = ["AuditLogAdmin", "FindingAdmin", "SuspicionRuleAdmin"]
