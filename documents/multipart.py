"""Reading an upload: whatever the client sends ends in fields and files, or in a named refusal."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import DataAndFiles, MultiPartParser

from documents.services import UploadTooLarge

# Form fields and multipart frames beside the file.
_ALLOWANCE_BYTES = 64 * 1024


class UploadParser(MultiPartParser):
    """multipart/form-data in UTF-8, refused before it is read when it is announced as too large.

    A part that comes twice is refused, unless the view names it in `repeated_parts`: which of two files or of two
    `dry_run` was meant cannot be known, and the last one would win.

    :raises UploadTooLarge: over MAX_UPLOAD_BYTES.
    :raises ValidationError: names the part, with code `repeated`.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles:
        assert parser_context is not None, "called by the framework, which always gives one"
        http_request = parser_context["request"]._request
        announced = http_request.META.get("CONTENT_LENGTH") or "0"
        if (
            announced.isascii()
            and announced.isdigit()
            and int(announced) > settings.MAX_UPLOAD_BYTES + _ALLOWANCE_BYTES
        ):
            raise UploadTooLarge(f"{announced} bytes announced, {settings.MAX_UPLOAD_BYTES} are allowed")
        try:
            # A charset parameter could name any of Python's codecs, rot13 and zlib among them.
            parsed = super().parse(stream, media_type, {**parser_context, "encoding": "utf-8"})
        except RequestDataTooBig:
            raise
        # LookupError, ValueError: unknown codecs and broken escapes in a part's headers (filename*=...).
        except (LookupError, ValueError, SuspiciousOperation):
            raise ParseError("The form could not be read.") from None
        if getattr(http_request, "upload_too_large", False):
            raise UploadTooLarge(f"more than {settings.MAX_UPLOAD_BYTES} bytes were sent")
        _refuse_repeated(parsed, allowed=getattr(parser_context["view"], "repeated_parts", ()))
        return parsed


def _refuse_repeated(parsed: DataAndFiles, *, allowed: Collection[str]) -> None:
    """A field and a file of the same name count as two."""
    counts = Counter(name for part in (parsed.data, parsed.files) for name, values in part.lists() for _ in values)
    repeated = sorted(name for name, count in counts.items() if count > 1 and name not in allowed)
    if repeated:
        for _, files in parsed.files.lists():
            for file in files:
                file.close()
        said = "Sent more than once. Nothing was changed."
        raise ValidationError({name: [ErrorDetail(said, code="repeated")] for name in repeated})
