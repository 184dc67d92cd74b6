"""What a worker process keeps between two tasks, and what it has loaded before the first."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from celery import current_app
from django.db import connection

from documents.parsing import nurseries
from ragsite import celery
from retrieval.encoders import loader


def test_connection_outlives_a_task(settings):
    fixup = current_app.loader.app.conf

    assert fixup.get("CELERY_DB_REUSE_MAX") == settings.CELERY_DB_REUSE_MAX >= 100


@pytest.mark.django_db
def test_connection_that_broke_between_tasks_is_replaced():
    def work() -> tuple[int]:  # a thread's connection is its own, and outside of the test's transaction
        try:
            _answer()
            connection.connection.close()  # as when PostgreSQL was restarted
            celery.drop_dead_connections()
            return _answer()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        assert pool.submit(work).result() == (1,)


def _answer() -> tuple[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone()


def test_warm_process_has_model_and_nursery():
    celery._warm_up()

    assert nurseries._current is not None
    assert loader._encoders


def test_model_that_is_missing_does_not_keep_the_parser_from_starting(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMBED_MODEL = "none-of-this-name"

    celery._warm_up()

    assert nurseries._current is not None
