"""The file store through django-storages, boto3 and HTTP, against moto's S3 server on this machine.

Same promises as on a folder: exact keys, nothing renamed, a missing file has its own error, listing stays in a tenant.
"""

import dataclasses
import io
import json
import os
import runpy
import uuid
from collections.abc import Iterator
from typing import Any
from unittest import mock

import boto3
import pytest
from django.test import override_settings
from moto.server import ThreadedMotoServer

from documents import files
from ragsite import env
from ragsite.env import REPO_ROOT
from tenants import context
from tenants.models import Tenant

BUCKET = "ragsite-documents"
TEXT = b"Parental leave is sixteen weeks."


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def _storages_of(*, endpoint_url: str) -> dict[str, Any]:
    """What ragsite/settings makes of STORAGE=s3. The file is run once more: what Django has loaded stays as it is."""
    environment = dataclasses.replace(
        env.current(),
        storage="s3",
        s3_bucket=BUCKET,
        s3_endpoint_url=endpoint_url,
        s3_access_key="ragsite",
        s3_secret_key="not-a-secret",
        s3_region="us-east-1",
    )
    with mock.patch.object(env, "current", return_value=environment):
        return runpy.run_path(str(REPO_ROOT / "ragsite" / "settings" / "__init__.py"))["STORAGES"]


@pytest.fixture(scope="module")
def storages(server_url: str) -> dict[str, Any]:
    return _storages_of(endpoint_url=server_url)


@pytest.fixture
def bucket(server_url: str, storages: dict[str, Any]) -> Iterator[Any]:
    """An empty bucket that `documents.files` writes to during the test."""
    client = boto3.client(
        "s3",
        endpoint_url=server_url,
        aws_access_key_id="ragsite",
        aws_secret_access_key="not-a-secret",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    with override_settings(STORAGES=storages):
        yield client
    for key in _keys(client):
        client.delete_object(Bucket=BUCKET, Key=key)
    client.delete_bucket(Bucket=BUCKET)


def _keys(bucket: Any) -> list[str]:
    pages = bucket.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def test_a_stored_file_lies_under_exactly_its_key_and_comes_back_whole(bucket: Any, in_acme: Tenant) -> None:
    key = files.key_of_version(uuid.uuid4())
    large = os.urandom(9 * 1024 * 1024)  # above boto3's multipart threshold of 8 MB

    files.store(key=key, source=io.BytesIO(large))

    assert _keys(bucket) == [key]
    assert key.startswith(f"{in_acme.uuid}/documents/")
    with files.open_stored(key) as stored:
        assert stored.read() == large
    with files.local_copy(key) as path:
        assert path.read_bytes() == large
    assert not path.exists()


def test_the_same_key_is_never_overwritten(bucket: Any, in_acme: Tenant) -> None:
    key = files.key_of_version(uuid.uuid4())
    files.store(key=key, source=io.BytesIO(TEXT))

    with pytest.raises(FileExistsError):
        files.store(key=key, source=io.BytesIO(b"something else"))

    assert _keys(bucket) == [key]
    assert bucket.get_object(Bucket=BUCKET, Key=key)["Body"].read() == TEXT


def test_a_removed_file_is_gone_and_removing_it_again_is_fine(bucket: Any, in_acme: Tenant) -> None:
    key = files.key_of_version(uuid.uuid4())
    files.store(key=key, source=io.BytesIO(TEXT))
    assert files.exists(key)

    files.remove(key)
    files.remove(key)

    assert not files.exists(key)
    assert _keys(bucket) == []


def test_a_missing_file_has_its_own_error(bucket: Any, in_acme: Tenant) -> None:
    with pytest.raises(files.FileMissing), files.open_stored(files.key_of_version(uuid.uuid4())) as stored:
        stored.read()


def test_all_keys_lists_the_tenants_own_files_beyond_one_page(
    bucket: Any, acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "4")  # S3 itself lists 1,000 at a time
    with context.enter(globex):
        files.store(key=files.key_of_version(uuid.uuid4()), source=io.BytesIO(TEXT))
    with context.enter(acme):
        keys = {files.key_of_version(uuid.uuid4()) for _ in range(11)}
        for key in keys:
            bucket.put_object(Bucket=BUCKET, Key=key, Body=b"x")

        assert set(files.all_keys()) == keys


def test_an_empty_store_lists_nothing(bucket: Any, in_acme: Tenant) -> None:
    assert list(files.all_keys()) == []


def test_another_tenants_key_is_refused_before_the_store_is_asked(bucket: Any, acme: Tenant, globex: Tenant) -> None:
    with context.enter(acme):
        key = files.key_of_version(uuid.uuid4())
        files.store(key=key, source=io.BytesIO(TEXT))

    with context.enter(globex):
        for use in (files.open_stored, files.exists, files.remove):
            with pytest.raises(files.ForeignFile):
                use(key)

    assert _keys(bucket) == [key]


def test_files_are_private_and_carry_no_name_of_the_user(bucket: Any, in_acme: Tenant) -> None:
    key = files.key_of_version(uuid.uuid4())
    files.store(key=key, source=io.BytesIO(TEXT))

    grants = bucket.get_object_acl(Bucket=BUCKET, Key=key)["Grants"]
    head = bucket.head_object(Bucket=BUCKET, Key=key)

    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]
    assert head["Metadata"] == {}


def test_a_store_that_does_not_answer_is_given_up_in_time(storages: dict[str, Any]) -> None:
    client_config = storages["default"]["OPTIONS"].get("client_config")

    assert client_config is not None, "without one boto3 waits 60 s, five times"
    assert client_config.connect_timeout <= 5 and client_config.read_timeout <= 30
    assert client_config.retries["total_max_attempts"] <= 3


def test_the_bucket_policy_of_the_deployment_allows_what_is_called() -> None:
    template = (REPO_ROOT / "deploy" / "minio" / "policy.json.template").read_text(encoding="utf-8")
    statements = json.loads(template)["Statement"]

    allowed = {action for statement in statements for action in statement["Action"]}

    # HeadObject and ranged reads need GetObject; a missing file is 404 instead of 403 only with ListBucket.
    assert {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"} <= allowed
