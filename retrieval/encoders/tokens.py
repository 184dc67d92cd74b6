"""Counting and cutting tokens with the model's own tokenizer, without transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer


class Tokens:
    """Two views of one tokenizer: whole counts for the chunker, truncated ids for the model."""

    def __init__(self, *, path: Path, max_tokens: int) -> None:
        self._counter = Tokenizer.from_file(str(path))
        self._counter.no_padding()
        self._counter.no_truncation()
        self._cutter = Tokenizer.from_file(str(path))
        self._cutter.no_padding()
        self._cutter.enable_truncation(max_tokens)

    def count(self, text: str) -> int:
        # Without the offsets that encode() works out: a sixth less.
        [encoding] = self._counter.encode_batch_fast([text], add_special_tokens=False)
        return len(encoding)

    def count_with_specials(self, text: str) -> int:
        return len(self._counter.encode(text).ids)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._cutter.encode_batch_fast(list(texts))]
