"""manage.py evaluate --data DIR [--save RUN.json] [--against RUN.json]"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retrieval.evaluation import QuestionSetInvalid, compare_paired, load_question_set, mean_scores
from retrieval.services import evaluating


class Command(BaseCommand):
    help = (
        "Run a question set (corpus.jsonl, queries.jsonl, qrels.tsv) through ingestion and search in a scratch company "
        "and print nDCG@10, Recall@10 and MRR@10; with --against also a paired bootstrap against a saved run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, metavar="DIR")
        parser.add_argument("--save", type=Path, metavar="FILE", help="keep the scores of every question as JSON")
        parser.add_argument("--against", type=Path, metavar="FILE", help="a run kept with --save")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            questions = load_question_set(folder=options["data"])
        except QuestionSetInvalid as error:
            raise CommandError(str(error)) from error
        earlier = _load(options["against"]) if options["against"] else None
        result = evaluating.evaluate(questions=questions, progress=self.stdout.write)
        mean = mean_scores(scores=result.scores.values())
        self.stdout.write(
            f"{questions.name}: {len(result.scores)} questions over {result.documents} documents "
            f"({result.rejected} not ready), {result.chunks} passages\n"
            f"  nDCG@10 {mean.ndcg:.4f}  Recall@10 {mean.recall:.4f}  MRR@10 {mean.reciprocal_rank:.4f}"
        )
        ndcg = {question: scores.ndcg for question, scores in result.scores.items()}
        if earlier is not None:
            comparison = compare_paired(first=ndcg, second=earlier)
            self.stdout.write(
                f"  against {options['against'].name}: {comparison.difference:+.4f} nDCG@10 "
                f"[{comparison.low:+.4f}, {comparison.high:+.4f}], p = {comparison.p_value:.3f}, "
                f"{comparison.questions} questions"
            )
        if options["save"]:
            options["save"].write_text(json.dumps({"set": questions.name, "ndcg": ndcg}, indent=1))


def _load(path: Path) -> dict[str, float]:
    try:
        kept: dict[str, float] = json.loads(path.read_text())["ndcg"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} is no run kept with --save: {error}") from error
    return kept
