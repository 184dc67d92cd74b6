"""How much of a request is taken in, whoever reads it."""

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory


def uploading(path: str, *sizes: int) -> Any:
    files = [SimpleUploadedFile(f"{number}.txt", b"x" * size) for number, size in enumerate(sizes)]
    return RequestFactory().post(path, {"file": files})


@pytest.fixture(autouse=True)
def small_limit(settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 100_000


def test_file_up_to_the_limit_is_taken() -> None:
    request = uploading("/admin/", 100_000)

    assert request.FILES["file"].size == 100_000
    assert not hasattr(request, "upload_too_large")


def test_file_over_the_limit_is_dropped_and_told() -> None:
    request = uploading("/admin/", 100_001)

    assert not request.FILES
    assert request.upload_too_large


def test_form_may_bring_many_files_each_within_the_limit() -> None:
    assert len(uploading("/admin/", *[90_000] * 5).FILES.getlist("file")) == 5


def test_api_request_brings_one() -> None:
    with pytest.raises(RequestDataTooBig):
        _ = uploading("/api/v1/ingest", 90_000, 90_000).FILES


def test_what_is_announced_as_far_too_large_is_not_read() -> None:
    request = uploading("/admin/", 10)
    request.META["CONTENT_LENGTH"] = str(10**12)

    with pytest.raises(RequestDataTooBig):
        _ = request.FILES
