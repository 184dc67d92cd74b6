"""A step runs when anything it depends on has changed, and only then."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ragsite.supervisor import preparation
from ragsite.supervisor.preparation import Stamps, Step


def step(name: str, stamp: str | None) -> Step:
    return Step(name=name, title=name, command=("true",), stamp=lambda: stamp, timeout_seconds=1)


def test_step_is_done_only_with_the_stamp_of_its_last_success(tmp_path: Path) -> None:
    stamps = Stamps(data_dir=tmp_path)
    assert not stamps.is_done(step("migrate", "a"))

    stamps.record([step("migrate", "a")])

    assert Stamps(data_dir=tmp_path).is_done(step("migrate", "a"))
    assert not stamps.is_done(step("migrate", "b"))
    assert not stamps.is_done(step("static", "a"))


def test_step_without_a_stamp_is_never_skipped(tmp_path: Path) -> None:
    stamps = Stamps(data_dir=tmp_path)

    stamps.record([step("migrate", None)])

    assert not stamps.is_done(step("migrate", None))


@pytest.mark.parametrize("content", ["", "not json", "[1]", "\x00"])
def test_damaged_stamp_file_means_that_nothing_is_done(tmp_path: Path, content: str) -> None:
    (tmp_path / preparation.STAMP_FILE).write_text(content)

    assert not Stamps(data_dir=tmp_path).is_done(step("migrate", "a"))


def test_digest_keeps_values_apart() -> None:
    assert preparation.digest_of("ab", "c") != preparation.digest_of("a", "bc")


def test_digest_of_files_sees_content_and_name(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    first = preparation.files_digest(tmp_path.glob("*.py"), root=tmp_path)

    (tmp_path / "a.py").write_text("2")
    second = preparation.files_digest(tmp_path.glob("*.py"), root=tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    third = preparation.files_digest(tmp_path.glob("*.py"), root=tmp_path)

    assert len({first, second, third}) == 3


def test_digest_of_a_folder_sees_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_text("weights")
    before = preparation.listing_digest([tmp_path])

    (tmp_path / "model.onnx").unlink()

    assert preparation.listing_digest([tmp_path]) != before


class TestMigrationsStamp:
    """Against a database that looks like one of ours: tenants in public, applied migrations in each schema."""

    @pytest.fixture
    def url(self) -> Iterator[str]:
        name = f"stamp_{secrets.token_hex(4)}"
        server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
        superuser_url = os.environ["TEST_SUPERUSER_URL"]
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER ragsite")
        yield f"{server}/{name}"
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, url: str, *statements: str) -> None:
        with psycopg.connect(url) as connection:
            for statement in statements:
                connection.execute(statement)

    def add_tenant(self, url: str, name: str, *, migrations: int) -> None:
        self.run(
            url,
            f"CREATE SCHEMA {name}",
            f"CREATE TABLE {name}.django_migrations (app text, name text)",
            f"INSERT INTO {name}.django_migrations SELECT 'hr', 'm' || n FROM generate_series(1, {migrations}) n",
            f"INSERT INTO public.tenants VALUES ('{name}')",
        )

    def make_public(self, url: str) -> None:
        self.run(
            url,
            "CREATE TABLE public.tenants (schema_name text)",
            "CREATE TABLE public.django_migrations (app text, name text)",
            "INSERT INTO public.tenants VALUES ('public')",
        )

    def stamp(self, url: str, root: Path) -> str | None:
        return preparation.migrations_stamp(root=root, database_url=url)

    def test_empty_database_has_to_be_migrated(self, url: str, tmp_path: Path) -> None:
        assert self.stamp(url, tmp_path) is None

    def test_unreachable_database_has_to_be_migrated(self, tmp_path: Path) -> None:
        assert self.stamp("postgresql://nobody:x@127.0.0.1:1/nothing", tmp_path) is None

    def test_another_tenant_with_the_same_migrations_changes_nothing(self, url: str, tmp_path: Path) -> None:
        self.make_public(url)
        self.add_tenant(url, "acme", migrations=3)
        before = self.stamp(url, tmp_path)

        self.add_tenant(url, "globex", migrations=3)

        assert before is not None
        assert self.stamp(url, tmp_path) == before

    def test_tenant_that_is_behind_has_to_be_migrated(self, url: str, tmp_path: Path) -> None:
        self.make_public(url)
        self.add_tenant(url, "acme", migrations=3)
        self.add_tenant(url, "globex", migrations=2)

        assert self.stamp(url, tmp_path) is None

    def test_tenant_without_a_schema_has_to_be_migrated(self, url: str, tmp_path: Path) -> None:
        self.make_public(url)
        self.run(url, "INSERT INTO public.tenants VALUES ('half_made')")

        assert self.stamp(url, tmp_path) is None

    def test_older_database_put_back_has_to_be_migrated(self, url: str, tmp_path: Path) -> None:
        self.make_public(url)
        self.run(url, "INSERT INTO public.django_migrations VALUES ('audit', '0001'), ('audit', '0002')")
        before = self.stamp(url, tmp_path)

        self.run(url, "DELETE FROM public.django_migrations WHERE name = '0002'")

        assert self.stamp(url, tmp_path) != before

    def test_new_migration_file_has_to_be_applied(self, url: str, tmp_path: Path) -> None:
        self.make_public(url)
        before = self.stamp(url, tmp_path)

        (tmp_path / "hr" / "migrations").mkdir(parents=True)
        (tmp_path / "hr" / "migrations" / "0001_initial.py").write_text("")

        assert self.stamp(url, tmp_path) != before

    def test_databases_are_told_apart(self, url: str) -> None:
        own = preparation.database_identity(database_url=url)

        assert own is not None
        assert own == preparation.database_identity(database_url=url)
        assert own != preparation.database_identity(database_url=os.environ["DATABASE_URL"])
        assert preparation.database_identity(database_url="postgresql://x:x@127.0.0.1:1/x") is None
