"""Documents, their versions and their readers for programs."""

from documents.api.access import DocumentAccessView
from documents.api.documents import (
    DocumentFileView,
    DocumentListView,
    DocumentView,
    IngestStatusView,
    IngestView,
)
from documents.api.versions import (
    VersionApproveView,
    VersionListView,
    VersionPublishView,
    VersionReturnView,
    VersionSubmitView,
    VersionWindowView,
    VersionWithdrawView,
)

__all__ = [
    "DocumentAccessView",
    "DocumentFileView",
    "DocumentListView",
    "DocumentView",
    "IngestStatusView",
    "IngestView",
    "VersionApproveView",
    "VersionListView",
    "VersionPublishView",
    "VersionReturnView",
    "VersionSubmitView",
    "VersionWindowView",
    "VersionWithdrawView",
]
