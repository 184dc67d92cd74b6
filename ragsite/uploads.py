"""How a request's file is taken in: on disk, and never more of it than is allowed."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

# Form fields and multipart frames beside the file.
_ALLOWANCE_BYTES = 64 * 1024


class LimitedTemporaryFileUploadHandler(TemporaryFileUploadHandler):
    """Stops reading as soon as a request exceeds MAX_UPLOAD_BYTES, so that nobody fills the disk.

    What was read until then is dropped; `request.upload_too_large` tells the view.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        self.read_bytes = 0
        if content_length > settings.MAX_UPLOAD_BYTES * self._files_allowed() + _ALLOWANCE_BYTES:
            # Announced as too large: not a byte of it is read. (StopUpload would not be understood at this point.)
            raise RequestDataTooBig("the upload is larger than is allowed")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.read_bytes = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Any:
        self.read_bytes += len(raw_data)
        if self.read_bytes > settings.MAX_UPLOAD_BYTES:
            if self.request is not None:
                self.request.upload_too_large = True  # type: ignore[attr-defined]
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)

    def _files_allowed(self) -> int:
        """One file by API; a browser may send a whole drop of them in one form."""
        return 1 if self.request is not None and self.request.path.startswith("/api/") else 20
