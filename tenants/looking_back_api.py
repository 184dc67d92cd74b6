"""The platform's own audit log and findings, for operators and their programs with the scope."""

from audit import api
from tenants.machines.gate import PlatformView


class PlatformAuditListView(PlatformView, api.AuditListView):
    pass


class PlatformAuditExportView(PlatformView, api.AuditExportView):
    pass


class PlatformFindingListView(PlatformView, api.FindingListView):
    pass


class PlatformFindingAcknowledgeView(PlatformView, api.FindingAcknowledgeView):
    pass


class PlatformFindingDismissView(PlatformView, api.FindingDismissView):
    pass
