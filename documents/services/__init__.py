"""What changes documents. Other layers import this package and call its public names."""

from documents.services.applicability import TooManyKeys
from documents.services.deleting import delete_document, remove_document
from documents.services.editing import change_access, change_document, edit_document
from documents.services.lifecycle import (
    NotReady,
    OwnReview,
    ReviewMissing,
    WrongPublication,
    approve,
    change_window,
    publish_version,
    return_to_draft,
    submit_for_review,
    withdraw_version,
)
from documents.services.outbox import enqueue, send_due, send_one
from documents.services.processing import process_version
from documents.services.publishing import Placement, TimelineConflict, VersionsOverlap, WindowTaken
from documents.services.receiving import (
    DocumentGone,
    EmptyTitle,
    StorageUnavailable,
    Terms,
    UploadTooLarge,
    clean_title,
    receive,
)
from documents.services.recognising import Receipt
from documents.services.retrying import NotRetryable, retry_version, sweep

__all__ = [
    "DocumentGone",
    "EmptyTitle",
    "NotReady",
    "NotRetryable",
    "OwnReview",
    "Placement",
    "Receipt",
    "ReviewMissing",
    "StorageUnavailable",
    "Terms",
    "TimelineConflict",
    "TooManyKeys",
    "UploadTooLarge",
    "VersionsOverlap",
    "WindowTaken",
    "WrongPublication",
    "approve",
    "change_access",
    "change_document",
    "change_window",
    "clean_title",
    "delete_document",
    "edit_document",
    "enqueue",
    "process_version",
    "publish_version",
    "receive",
    "remove_document",
    "retry_version",
    "return_to_draft",
    "send_due",
    "send_one",
    "submit_for_review",
    "sweep",
    "withdraw_version",
]
