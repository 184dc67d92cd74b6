"""What changes documents. Other layers import this package and call its public names."""

from documents.services.deleting import delete_document, remove_document
from documents.services.editing import edit_document
from documents.services.outbox import enqueue, send_due, send_one
from documents.services.processing import process_version
from documents.services.receiving import (
    DocumentGone,
    EmptyTitle,
    StorageUnavailable,
    UploadTooLarge,
    clean_title,
    receive,
)
from documents.services.recognising import Receipt
from documents.services.retrying import NotRetryable, retry_version, sweep

__all__ = [
    "DocumentGone",
    "EmptyTitle",
    "NotRetryable",
    "Receipt",
    "StorageUnavailable",
    "UploadTooLarge",
    "clean_title",
    "delete_document",
    "edit_document",
    "enqueue",
    "process_version",
    "receive",
    "remove_document",
    "retry_version",
    "send_due",
    "send_one",
    "sweep",
]
