"""Figures of a freshly made installation in the embedded shape, which is removed afterwards. About twelve minutes.

Nothing else should run meanwhile: the load before and after is kept beside the figures.
"""

import argparse
import json
import os
import time
from pathlib import Path

from ragsite.bench import installation


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m ragsite.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("bench-results") / time.strftime("%Y%m%d-%H%M%S.json"))
    parser.add_argument("--handbooks", type=Path, default=_default_handbooks(), help="files for the ingestion figure")
    parser.add_argument("--skip-large", action="store_true", help="leave the 50,000 passages out: five minutes")
    parser.add_argument(
        "--only",
        choices=("search", "ingestion", "people", "kill", "tokens", "lists", "audit"),
        help="one part: searches at 5,000 passages, handbooks, the import of 10,000 people, the kill switch, "
        "keys and tokens, the console's lists of 100,000 rows, or the audit log",
    )
    options = parser.parse_args()
    if options.only:
        parts = frozenset({options.only})
    else:
        parts = frozenset(
            {"ingestion", "search", "people", "kill", "tokens", "lists", "audit"}
            | (set() if options.skip_large else {"large"})
        )
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with installation.started() as running:
        os.environ.update(
            DATA_DIR=str(running.data_dir), DEMO="0", LOG_LEVEL="WARNING", DJANGO_SETTINGS_MODULE="ragsite.settings"
        )
        import django

        django.setup()
        from ragsite.bench import bars, figures

        results = figures.measure(running, handbooks=options.handbooks, parts=parts)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=2) + "\n")
    bars.show(results)
    print(f"\nKept in {options.out}")


def _default_handbooks() -> Path | None:
    from ragsite.env import REPO_ROOT

    folder = Path(os.environ.get("HR_DATA_DIR") or REPO_ROOT.parent / "shared" / "data") / "handbooks"
    return folder if folder.is_dir() else None


main()
