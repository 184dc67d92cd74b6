"""Documents and their processing, for HR and owners. Company hosts only."""

from documents.admin.documents import DocumentAdmin
from documents.admin.versions import DocumentVersionAdmin

__all__ = ["DocumentAdmin", "DocumentVersionAdmin"]
