"""The bench says what it measured, and nothing about what it left out."""

from ragsite.bench import bars, load

SEARCHED = {
    "bare": {"query_p50_ms": 4.0, "livez_p50_ms": 0.5},
    "search_5000": {"sequential": {"p50_ms": 14.0, "p95_ms": 20.0}},
    "memory": {"web_mib": 300, "web_has_torch": False},
}
INGESTED = {"ingestion": {"chunks_per_second": 45.0, "bare_chunks_per_second": 50.0, "not_ready": 0}}


def test_ratios_are_divisions_of_one_runs_figures():
    assert bars.ratios(SEARCHED) == {"search_p50_to_encoder": 3.5, "search_p50_to_endpoint": 28.0}
    assert bars.ratios(INGESTED) == {"ingestion_to_encoder": 0.9}


def test_figure_of_a_part_that_was_left_out_has_no_row():
    rows = {name.strip(): (value, bar) for name, value, bar in bars.rows(SEARCHED | {"ratios": bars.ratios(SEARCHED)})}

    assert rows["as a multiple of the bare encoder"] == (3.5, "<= 4")
    assert rows["web process has torch"] == (False, "False")
    assert not any("ingestion" in name or "50,000" in name for name in rows)


def test_zero_is_a_figure():
    rows = [(name, value) for name, value, _ in bars.rows(INGESTED)]

    assert ("ingestion, files not ready", 0) in rows


def test_turns_add_up():
    first, second = load.Timings(ms=[1.0, 2.0], errors=1, seconds=3.0), load.Timings(ms=[3.0], errors=0, seconds=1.0)
    first.add(second)

    assert (first.ms, first.errors, first.seconds) == ([1.0, 2.0, 3.0], 1, 4.0)
    assert first.quantile(0.5) == 2.0
