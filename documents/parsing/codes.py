"""Why a file was not taken in: stable codes, and what to tell the person who uploaded it."""

from dataclasses import dataclass

UNSUPPORTED_TYPE = "unsupported_type"
TYPE_MISMATCH = "type_mismatch"
ENCRYPTED = "encrypted"
TOO_LARGE = "too_large"
TOO_MANY_PAGES = "too_many_pages"
EMPTY = "empty"
NO_TEXT = "no_text"
MALFORMED = "malformed"
TIMEOUT = "timeout"
MEMORY = "memory"
MACRO = "macro"


@dataclass(frozen=True)
class Advice:
    """What happened, and what the person can do about it."""

    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"


CODES: dict[str, Advice] = {
    UNSUPPORTED_TYPE: Advice(
        problem="This kind of file cannot be read.",
        remedy="Save it as PDF, Word (.docx), HTML, Markdown or plain text and upload that.",
    ),
    TYPE_MISMATCH: Advice(
        problem="The content of this file is not what its name says.",
        remedy="Open it in the program it was made with, save it again as PDF or .docx, and upload the new file.",
    ),
    ENCRYPTED: Advice(
        problem="This file is protected with a password.",
        remedy="Remove the password (Word: File, Info, Protect Document; PDF: print to a new PDF) and upload it again.",
    ),
    TOO_LARGE: Advice(
        problem="This file is too large, or becomes too large when unpacked.",
        remedy="Make pictures smaller or split the document into parts, and upload those.",
    ),
    TOO_MANY_PAGES: Advice(
        problem="This file has too many pages.",
        remedy="Split it into parts, for example one file per chapter, and upload those.",
    ),
    EMPTY: Advice(
        problem="This file is empty.",
        remedy="Check that it was saved and copied completely, then upload it again.",
    ),
    NO_TEXT: Advice(
        problem="No text was found in this file; it is probably a scan or contains only pictures.",
        remedy="Run text recognition (OCR) on it, or upload the document it was printed from.",
    ),
    MALFORMED: Advice(
        problem="This file is damaged or incomplete and cannot be read.",
        remedy="Open it in the program it was made with, save it again, and upload the new file.",
    ),
    TIMEOUT: Advice(
        problem="Reading this file took too long and was stopped.",
        remedy="Try again once; if it happens again, save it anew (for PDF: print to PDF) or split it into parts.",
    ),
    MEMORY: Advice(
        problem="Reading this file needed too much memory and was stopped.",
        remedy="Make pictures smaller or split the document into parts, and upload those.",
    ),
    MACRO: Advice(
        problem="This Word file contains macros (small programs), which are not accepted.",
        remedy="In Word, save it as 'Word Document (.docx)' without macros and upload that.",
    ),
}

# Trying again can heal these (a busy machine); with every other code the same bytes end the same way.
RETRYABLE = frozenset({TIMEOUT, MEMORY})


class _Refusal(Exception):
    def __init__(self, *, code: str, detail: str = "") -> None:
        self.code = code
        self.message = str(CODES[code])
        # Technical, for operators; never contains text of the document.
        self.detail = detail
        super().__init__(f"{code}: {detail}" if detail else code)


class Rejected(_Refusal):
    """The file itself is not acceptable; uploading the same bytes again cannot help."""


class ParseFailed(_Refusal):
    """The file could not be read within the limits (``timeout``, ``memory``); trying again may help."""


class ParserUnavailable(RuntimeError):
    """The child process could not start or load its libraries: our installation is at fault, not the file."""


def refusal(*, code: str, detail: str = "") -> Rejected | ParseFailed:
    """The exception that belongs to a code."""
    return (ParseFailed if code in RETRYABLE else Rejected)(code=code, detail=detail)


def advice_for(*, code: str) -> str:
    """One or two sentences for a person in HR: what is wrong with the file and what to do."""
    return str(CODES[code])
