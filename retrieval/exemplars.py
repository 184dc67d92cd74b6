"""Telling questions apart by maintained example phrases: no language model, and no training beyond reading the list.

A label's score is the mean cosine of the question to its three nearest phrases, plus what a ridge regression over all
phrases says. The first follows single phrases, the second whole lists; measured together they beat either.
"""

import functools
import re
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders import get_encoder

NONE = "none"
# Phrases that decide a label's nearness: one alone follows accidents of wording.
_NEAREST = 3
# Weight of the regression's penalty; .1 and 1 were a point worse on the kept phrasings.
_RIDGE = 0.3
_BATCH = 64
_LABEL = re.compile(r"^\[([a-z_]+)\]$")
_lock = threading.Lock()


class PhraseListInvalid(ValueError):
    """A list of phrases has a phrase before its first label, or no phrase at all."""


@dataclass(frozen=True)
class Phrase:
    """One line of a list."""

    label: str
    text: str


@dataclass(frozen=True)
class Phrasebook:
    """A list as vectors of one embedding model. Read-only, shared by threads; product data, no company's.

    `vectors` is float32, shape (phrases, dim), L2-normalised; `weights` float32, shape (dim + 1, labels).
    """

    labels: tuple[str, ...]
    label_of: NDArray[np.intp]
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]

    def scores(self, vector: NDArray[np.float32]) -> dict[str, float]:
        """How near the question is to each label, about 0 to 2. `vector`: float32, shape (dim,), L2-normalised."""
        cosines = self.vectors @ vector
        linear = vector @ self.weights[:-1] + self.weights[-1]
        return {
            label: float(np.sort(cosines[self.label_of == number])[-_NEAREST:].mean() + linear[number])
            for number, label in enumerate(self.labels)
        }


def phrasebook(path: Path, *, others: Path | None = None) -> Phrasebook:
    """The list at `path`, embedded by the product's own encoder once per process and model (about 3 ms a phrase).

    Every phrase of the list at `others` counts as `none` here.
    """
    encoder = get_encoder()
    with _lock:
        return _built(path, others, encoder.model_id)


def read_phrases(path: Path) -> tuple[Phrase, ...]:
    """The phrases of a list: one a line below its `[label]`; lines with # in front are remarks.

    :raises PhraseListInvalid: see there.
    """
    label, found = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        begins = _LABEL.match(text)
        if begins:
            label = begins[1]
        elif text and not text.startswith("#"):
            if not label:
                raise PhraseListInvalid(f"{path.name}: a phrase stands before the first [label]")
            found.append(Phrase(label=label, text=text))
    if not found:
        raise PhraseListInvalid(f"{path.name}: no phrases")
    return tuple(found)


@functools.cache
def _built(path: Path, others: Path | None, model_id: str) -> Phrasebook:
    named = [phrase.label for phrase in read_phrases(path)]
    vectors = _encoded(path, model_id)
    if others is not None:
        more = _encoded(others, model_id)
        named, vectors = [*named, *[NONE] * len(more)], np.vstack([vectors, more])
    labels = tuple(dict.fromkeys(named))
    label_of = np.array([labels.index(label) for label in named], dtype=np.intp)
    weights = ridge_weights(vectors=vectors, label_of=label_of, labels=len(labels))
    return Phrasebook(labels=labels, label_of=label_of, vectors=vectors, weights=weights)


@functools.cache
def _encoded(path: Path, model_id: str) -> NDArray[np.float32]:
    encoder = get_encoder()
    assert encoder.model_id == model_id
    texts = [phrase.text for phrase in read_phrases(path)]
    parts = [encoder.encode_queries(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    return np.vstack(parts).astype(np.float32)


def ridge_weights(
    *, vectors: NDArray[np.float32], label_of: NDArray[np.intp], labels: int, penalty: float = _RIDGE
) -> NDArray[np.float32]:
    """Least squares from vectors to one column a label, penalised; the last row is the constant. float32.

    A phrase of a long list counts less, by the root of the list's length, so that long lists do not win by length.
    """
    known = np.hstack([vectors, np.ones((len(vectors), 1))])
    wanted = np.eye(labels)[label_of]
    weight = 1 / np.bincount(label_of, minlength=labels)[label_of]
    weighted = known * np.sqrt(weight / weight.mean())[:, None]
    solved = np.linalg.solve(weighted.T @ known + penalty * np.eye(known.shape[1]), weighted.T @ wanted)
    return solved.astype(np.float32)
