"""Where originals are kept: a folder, or S3 and what speaks like it."""

from pathlib import Path
from typing import Any

from ragsite.env import Environment


def configuration(*, env: Environment, folder: Path) -> dict[str, Any]:
    """The default store, as STORAGES wants it."""
    return _s3(env) if env.storage == "s3" else _folder(folder)


def _folder(folder: Path) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder), "base_url": None, "file_permissions_mode": 0o600},
    }


def _s3(env: Environment) -> dict[str, Any]:
    from botocore.config import Config

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.s3_bucket,
            "endpoint_url": env.s3_endpoint_url or None,
            "access_key": env.s3_access_key or None,
            "secret_key": env.s3_secret_key or None,
            "region_name": env.s3_region or None,
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": False,
            # A store that is down is noticed in seconds; boto3's own limits are 60 s, five times over.
            "client_config": Config(
                signature_version="s3v4",
                connect_timeout=2,
                read_timeout=20,
                retries={"total_max_attempts": 2, "mode": "standard"},
            ),
        },
    }
