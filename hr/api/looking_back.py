"""A company's audit log and findings, for its HR and owners and their programs with the scope."""

from audit import api
from hr.permissions import ManagesPeople


class AuditListView(api.AuditListView):
    permission_classes = [ManagesPeople]


class AuditExportView(api.AuditExportView):
    permission_classes = [ManagesPeople]


class FindingListView(api.FindingListView):
    permission_classes = [ManagesPeople]


class FindingAcknowledgeView(api.FindingAcknowledgeView):
    permission_classes = [ManagesPeople]


class FindingDismissView(api.FindingDismissView):
    permission_classes = [ManagesPeople]
