"""Documents that can go stale are compared with what they describe."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from documents.models import DocumentVersion
from documents.parsing import codes
from documents.parsing.limits import Limits
from ragsite import env
from ragsite.env import REPO_ROOT

DOCS = REPO_ROOT / "docs"
PAGES = sorted([*REPO_ROOT.glob("*.md"), *DOCS.rglob("*.md")])
OUR_APPS = {"ragsite", "retrieval", "documents", "hr", "tenants", "audit"}


def _read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("|---")
    ]


def test_settings_page_lists_every_setting_with_its_default() -> None:
    table = re.findall(r"^\| `([A-Z0-9_]+)` \|(.*?)\|", _read("settings.md"), re.MULTILINE)

    assert [name for name, _ in table] == list(env.names())
    values = {name: default.strip().strip("`") for name, default in table}
    assert env.read_environment(values) == env.Environment()


def test_settings_page_names_every_choice() -> None:
    text = _read("settings.md")

    for name in ("VECTOR_STORE", "STORAGE", "EMBED_BACKEND", "LOG_LEVEL"):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        choices = env.Environment.__dataclass_fields__[name.lower()].metadata["choices"]
        assert all(f"`{choice}`" in row for choice in choices), name


def test_ingestion_page_has_every_code_with_its_advice() -> None:
    listed = {row[0].strip("`"): row[1:] for row in _rows(_read("ingestion.md")) if row[0].startswith("`")}

    assert set(listed) == {*codes.CODES, "interrupted"}
    for code, advice in codes.CODES.items():
        state = "failed" if code in codes.RETRYABLE else "rejected"
        assert listed[code] == [state, advice.problem, advice.remedy], code


def test_ingestion_page_names_every_state_and_the_limits() -> None:
    text = _read("ingestion.md")
    limits = Limits()

    assert all(state in text for state in DocumentVersion.State.values)
    assert f"{limits.max_pages:,} pages" in text
    assert f"{limits.max_text_chars:,} characters" in text
    assert f"{limits.timeout_seconds:.0f} s, {limits.memory_bytes // 2**20} MB" in text


def test_operations_page_explains_every_command() -> None:
    ours = {name for name, app in get_commands().items() if app in OUR_APPS}
    text = _read("operations.md")
    explained = set(re.findall(r"`([a-z_]+)[^`]*`", text[text.index("| command |") : text.index("## When something")]))

    assert ours <= explained


def test_metrics_in_the_pages_exist_in_the_code() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for app in OUR_APPS for path in (REPO_ROOT / app).rglob("*.py"))

    not_ours = {"rag_status", "rag_query_latency_seconds_bucket"}
    for page in ("operations.md", "runbook-map.md"):
        for name in set(re.findall(r"`(rag_[a-z_]+)`", _read(page))) - not_ours:
            assert f'"{name}"' in code, f"{page}: {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO_ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


def test_every_decision_is_listed() -> None:
    index = _read("adr/README.md")

    for decision in sorted((DOCS / "adr").glob("0*.md")):
        title = decision.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        number, name = title.split(" ", 1)
        assert f"| [{number}]({decision.name}) | {name} |" in index, decision.name


def test_make_targets_in_the_readme_exist() -> None:
    readme = (REPO_ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (REPO_ROOT / "Makefile").read_text(encoding="utf-8")

    for target in set(re.findall(r"\bmake ([a-z-]+)\b", readme)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_ci_runs_the_checks_and_the_readmes_test_command() -> None:
    script = (REPO_ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (REPO_ROOT / "Makefile").read_text(encoding="utf-8")
    lint = makefile[makefile.index("\nlint:") : makefile.index("\nformat:")]

    commands = [line for line in script.splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make --no-print-directory lint", "exec make --no-print-directory test"]
    assert all(check in lint for check in ("ruff check .", "ruff format --check .", "mypy ", "lint-imports"))
