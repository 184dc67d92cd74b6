"""The console's lists ask the same number of queries however many rows there are; the bench opens them at 100,000."""

from ragsite.bench import lists


def test_no_list_asks_for_its_rows_one_by_one(acme):
    """With a full page of fifty rows: whatever is asked for each of them would be far beyond the bar."""
    measured = lists.measure(acme, rows=120, openings=1)

    opened = {(name, way): one for name, ways in measured["lists"].items() for way, one in ways.items()}
    assert {one["status"] for one in opened.values()} == {200}
    assert [(key, one["queries"]) for key, one in opened.items() if one["queries"] > lists.MAX_QUERIES] == []
