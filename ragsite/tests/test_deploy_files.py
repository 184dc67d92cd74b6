"""The scale-out shape, read as text: no container engine is needed to see that its parts fit together."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ragsite import env
from ragsite.env import REPO_ROOT

DEPLOY = REPO_ROOT / "deploy"
COMPOSE = REPO_ROOT / "docker-compose.yml"
DOCKERFILES = (REPO_ROOT / "Dockerfile", DEPLOY / "minio" / "Dockerfile")
PRODUCT = ("rag-api", "celery-worker", "celery-ingest", "celery-beat")

# Variables of the images that are not ours, and the passwords that only docker-compose.yml knows.
FOREIGN_VARIABLES = {
    "POSTGRES_PASSWORD",
    "POSTGRES_APP_PASSWORD",
    "POSTGRES_INITDB_ARGS",
    "REDIS_PASSWORD",
    "REDISCLI_AUTH",
    "QDRANT__SERVICE__API_KEY",
    "QDRANT__TELEMETRY_DISABLED",
    "QDRANT__STORAGE__SNAPSHOTS_PATH",
    "QDRANT_INIT_FILE_PATH",
    "MINIO_ROOT_USER",
    "MINIO_ROOT_PASSWORD",
}
SECRETS = {
    "SECRET_KEY",
    "FIELD_MASTER_KEY",
    "AUDIT_CHAIN_KEY",
    "QDRANT_API_KEY",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "POSTGRES_PASSWORD",
    "POSTGRES_APP_PASSWORD",
    "REDIS_PASSWORD",
    "MINIO_ROOT_PASSWORD",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def _interpolated(text: str) -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", text))


def _instructions(dockerfile: Path) -> list[str]:
    joined = dockerfile.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


# --- docker-compose.yml


def test_all_parts_of_the_scale_out_shape_are_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*PRODUCT, "postgres", "redis", "qdrant", "minio", "nginx"}
    assert compose["services"]["rag-api"]["networks"]["inside"]["aliases"] == ["rag-gateway"]


def test_every_service_has_a_health_check_limits_and_no_privileges(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"], name
        assert service["healthcheck"]["interval"] and service["healthcheck"]["timeout"], name
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= set(limits), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"] and "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name


def test_only_nginx_is_published_and_only_it_touches_another_network(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    for name, service in compose["services"].items():
        published = "ports" in service or service.get("network_mode") == "host"
        assert published == (name == "nginx"), name
        expected = {"edge", "inside"} if name == "nginx" else {"inside"}
        assert set(service["networks"]) == expected, name


def test_images_are_pinned(compose: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in compose["services"].items() if "build" not in service}
    for dockerfile in DOCKERFILES:
        text = dockerfile.read_text(encoding="utf-8")
        images |= {f"{dockerfile}: {image}": image for image in re.findall(r"^FROM ([^\s$]+:\S+)", text, re.MULTILINE)}
        images |= {str(dockerfile): image for image in re.findall(r"^ARG PYTHON_IMAGE=(\S+)", text, re.MULTILINE)}
    assert len(images) == 7
    for where, image in images.items():
        assert re.search(r":v?\d+\.\d+(\.\d+)?", image), f"{where}: {image} names no version"


def test_every_setting_reaches_every_container_of_the_product(compose: dict[str, Any]) -> None:
    for name in PRODUCT:
        assert set(compose["services"][name]["environment"]) == set(env.names()), name


def test_every_variable_is_a_setting_or_belongs_to_a_foreign_image(compose: dict[str, Any]) -> None:
    used = _interpolated(COMPOSE.read_text(encoding="utf-8"))
    for service in compose["services"].values():
        used |= set(service["environment"])

    assert used <= set(env.names()) | FOREIGN_VARIABLES


def test_a_missing_secret_stops_compose_and_none_is_written_down() -> None:
    text = COMPOSE.read_text(encoding="utf-8")

    for name in SECRETS:
        uses = re.findall(r"(?<!\$)\$\{" + name + r"\b[^}]*\}", text)
        assert uses, name
        assert all(use == "${" + name + ":?run deploy/new_env.sh}" for use in uses), name


def test_the_settings_of_a_fresh_env_file_are_valid(compose: dict[str, Any]) -> None:
    variables = _fresh_env()

    settings = env.read_environment(_resolved(compose["services"]["rag-api"]["environment"], variables))

    assert {name for name, value in variables.items() if value} >= SECRETS
    assert (settings.vector_store, settings.storage, settings.demo, settings.debug) == ("qdrant", "s3", False, False)
    assert settings.broker_url.startswith("redis://:") and settings.cache_url != settings.broker_url
    assert settings.trusted_proxy_count == 1
    # Everything that compose does not decide keeps the product's default.
    kept = ("chunk_size", "min_confidence_threshold", "max_upload_bytes", "platform_hosts", "web_threads")
    assert all(getattr(settings, name) == getattr(env.Environment(), name) for name in kept)


def test_two_fresh_env_files_share_no_secret() -> None:
    first, second = _fresh_env(), _fresh_env()

    for name in SECRETS - {"S3_ACCESS_KEY"}:
        assert re.fullmatch(r"[0-9a-f]{64}", first[name]), name
        assert first[name] != second[name], name


def _fresh_env() -> dict[str, str]:
    printed = subprocess.run(
        ["sh", str(DEPLOY / "new_env.sh")], check=True, capture_output=True, text=True, timeout=20
    ).stdout
    return dict(line.split("=", 1) for line in printed.splitlines() if line and not line.startswith("#"))


def _resolved(environment: dict[str, Any], variables: dict[str, str]) -> dict[str, str]:
    """Compose's own interpolation, as far as our file uses it."""

    def value_of(match: re.Match[str]) -> str:
        return variables.get(match["name"]) or (match["default"] or "")

    pattern = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")
    return {name: pattern.sub(value_of, str(value)) for name, value in environment.items()}


def test_bind_mounts_and_build_contexts_exist(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (REPO_ROOT / source).is_dir(), name
                assert volume.endswith(":ro"), name
            else:
                assert source in compose["volumes"], name
        if "build" in service:
            assert (REPO_ROOT / service["build"] / "Dockerfile").is_file(), name


def test_egress_is_an_addition_to_known_services(compose: dict[str, Any]) -> None:
    egress = yaml.safe_load((DEPLOY / "compose.egress.yml").read_text(encoding="utf-8"))

    assert set(egress["services"]) <= set(PRODUCT)
    assert all(set(service) == {"networks"} for service in egress["services"].values())


# --- Dockerfile


def test_the_image_runs_as_a_fixed_user_without_root() -> None:
    for dockerfile in DOCKERFILES:
        users = [line.split()[1] for line in _instructions(dockerfile) if line.startswith("USER ")]
        assert users and re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]), dockerfile


def test_packages_are_installed_by_hash_and_the_running_image_has_no_torch() -> None:
    instructions = _instructions(REPO_ROOT / "Dockerfile")
    last_stage = instructions[max(i for i, line in enumerate(instructions) if line.startswith("FROM ")) :]

    installs = re.findall(r"pip install [^&\n]*", "\n".join(instructions))
    assert len(installs) == 3
    assert all("--require-hashes" in install and "--no-deps" in install for install in installs)
    assert not any("pip install" in line or "apt-get" in line for line in last_stage)
    assert [line for line in last_stage if line.startswith("COPY --from=")] == [
        "COPY --from=packages /opt/venv /opt/venv",
        "COPY --from=model /build/models /srv/ragsite/var/models",
    ]
    packages_stage = instructions[: next(i for i, line in enumerate(instructions) if line.endswith("AS model"))]
    assert not any("ml.txt" in line or "nodeps.txt" in line for line in packages_stage)


def test_the_image_has_no_downloads_and_no_secrets() -> None:
    for dockerfile in DOCKERFILES:
        for line in _instructions(dockerfile):
            assert not line.startswith("ADD "), f"{dockerfile}: COPY says what happens, ADD may fetch and unpack"
            assert not re.search(r"\b(curl|wget)\b", line), line
            if line.startswith(("ENV ", "ARG ")):
                assert not re.search(r"(KEY|SECRET|PASSWORD|TOKEN)\s*=", line), line


def test_what_the_dockerfile_copies_is_let_through_by_dockerignore() -> None:
    allowed = {
        line[1:]
        for line in (REPO_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    for line in _instructions(REPO_ROOT / "Dockerfile"):
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (REPO_ROOT / source).exists(), source
                assert any(Path(source).match(rule) or source.startswith(f"{rule}/") for rule in allowed), source


def test_every_layer_of_the_product_is_copied() -> None:
    text = (REPO_ROOT / "Dockerfile").read_text(encoding="utf-8")
    contract = (REPO_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = json.loads(re.search(r"root_packages = (\[.*?\])", contract)[1])  # type: ignore[index]

    assert all(f"COPY {package} {package}\n" in text for package in packages)


# --- nginx, MinIO, PostgreSQL


@pytest.mark.parametrize(("tls", "site"), [("0", "http"), ("1", "https")])
def test_nginx_configuration_renders_whole(tmp_path: Path, tls: str, site: str) -> None:
    certs = tmp_path / "certs"
    certs.mkdir()
    for name in ("tls.crt", "tls.key"):
        (certs / name).write_text("stands for a certificate")

    finished = _render_nginx(tmp_path, TLS_ENABLED=tls)

    assert finished.returncode == 0, finished.stderr
    files = {path.name: path.read_text() for path in (tmp_path / "conf").iterdir()}
    assert set(files) == {"nginx.conf", "proxy.conf", f"{site}.conf"}
    for name, text in files.items():
        assert not re.search(r"@[A-Z]+@", text), name
        assert text.count("{") == text.count("}"), name
        statements = [line.split(" #")[0].strip() for line in text.splitlines()]
        assert all(line[-1] in ";{}" for line in statements if line and not line.startswith("#")), name
    assert ("ssl_certificate " in files[f"{site}.conf"]) == (site == "https")
    assert ("return 308 https://" in files[f"{site}.conf"]) == (site == "https")


def test_nginx_does_not_start_with_tls_and_without_a_certificate(tmp_path: Path) -> None:
    finished = _render_nginx(tmp_path, TLS_ENABLED="1")

    assert finished.returncode == 2
    assert finished.stderr.splitlines() == [
        "nginx: TLS_ENABLED=1 needs deploy/nginx/certs/tls.crt, readable by uid 101"
    ]


def test_nginx_refuses_an_unclear_switch(tmp_path: Path) -> None:
    assert _render_nginx(tmp_path, TLS_ENABLED="perhaps").returncode == 2


def test_nginx_believes_no_client_and_buffers_no_stream() -> None:
    proxy = (DEPLOY / "nginx" / "proxy.conf.template").read_text(encoding="utf-8")

    assert "proxy_set_header X-Forwarded-For $remote_addr;" in proxy
    assert "proxy_set_header Host $http_host;" in proxy
    stream = proxy[proxy.index("location ~ ^/(api/v1/query/stream|ask/stream/)$") :].split("}")[0]
    assert "proxy_buffering off;" in stream
    for path in ("/metrics", "/readyz"):
        assert re.search(rf"location = {path} {{\s+return 404;", proxy)
    assert "rewrite ^/v1/(.*)$ /api/v1/$1 break;" in proxy


def _render_nginx(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """start.sh with a stand-in for nginx itself: the test looks at what is rendered."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "nginx").write_text("#!/bin/sh\nexit 0\n")
    (programs / "nginx").chmod(0o755)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "DEPLOY_DIR": str(DEPLOY / "nginx"),
        "CONFIG_DIR": str(folder / "conf"),
        "CERT_DIR": str(folder / "certs"),
        **variables,
    }
    command = ["sh", str(DEPLOY / "nginx" / "start.sh"), "--check"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)


def test_minio_user_may_use_one_bucket_only() -> None:
    template = (DEPLOY / "minio" / "policy.json.template").read_text(encoding="utf-8")

    policy = json.loads(template.replace("@BUCKET@", "documents"))

    allowed = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    (denied,) = [statement for statement in policy["Statement"] if statement["Effect"] == "Deny"]
    resources = {resource for statement in allowed for resource in statement["Resource"]}
    actions = {action for statement in allowed for action in statement["Action"]}
    assert denied["Resource"] == ["arn:aws:s3:::documents/audit-checkpoints/*"]
    assert resources == {"arn:aws:s3:::documents", "arn:aws:s3:::documents/*"}
    assert not any("*" in action for action in actions)


@pytest.mark.parametrize("script", sorted(path.name for path in DEPLOY.rglob("*.sh")))
def test_shell_scripts_parse_and_stop_at_the_first_error(script: str) -> None:
    path = next(DEPLOY.rglob(script))

    assert subprocess.run(["sh", "-n", str(path)], check=False, timeout=10).returncode == 0
    assert "\nset -eu\n" in path.read_text(encoding="utf-8")
    assert os.access(path, os.X_OK)
