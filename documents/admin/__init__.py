"""Documents and their processing, for HR and owners. Company hosts only."""

from documents.admin.accesses import DocumentAccessAdmin
from documents.admin.documents import DocumentAdmin
from documents.admin.versions import DocumentVersionAdmin

__all__ = ["DocumentAccessAdmin", "DocumentAdmin", "DocumentVersionAdmin"]
