"""The default encoder: an exported model run by onnxruntime. Needs neither torch nor transformers."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from retrieval.encoders.manifest import MODEL_NAME, TOKENIZER_NAME, Manifest, read_manifest
from retrieval.encoders.protocol import Vectors
from retrieval.encoders.tokens import Tokens

# Padded tokens in one run. Measured on two cores with all-MiniLM-L6-v2: 800 and less keep the activations in the
# processor's cache (41 chunks/s on one thread); 3,200 lose 15 %.
BATCH_TOKENS = 800
# What starting a run costs, in tokens' worth of work: 1.5 ms, where a token takes 0.12 ms. Short documents gain most:
# handbooks of 14 passages on average were padded by 9 %, now by 2 %, for 6 % less work.
RUN_TOKENS = 12

# Inputs a BERT-like export may ask for; an export that asks for another cannot be run here.
_INPUT_NAMES = ("input_ids", "attention_mask", "token_type_ids")


class UnknownModelInput(Exception):
    """The exported graph asks for an input that a text encoder does not have."""


class OnnxEncoder:
    """Encoder over a folder written by ``retrieval.encoders.export``.

    One intra-op thread by default: with several web threads, one each gives more throughput than two, and two threads
    on a busy machine make a query wait. Loading takes about 0.3 s and 200 MB for the default model.
    """

    def __init__(self, *, folder: Path, threads: int = 1) -> None:
        self._manifest = read_manifest(folder=folder)
        self._tokens = Tokens(path=folder / TOKENIZER_NAME, max_tokens=self._manifest.max_tokens)
        self._session = _open_session(path=folder / MODEL_NAME, threads=threads)
        # More runs at once than cores are no faster, and each keeps work space of its own for good.
        self._turns = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._inputs = tuple(entry.name for entry in self._session.get_inputs())
        if unknown := set(self._inputs) - set(_INPUT_NAMES):
            raise UnknownModelInput(f"{folder}: {sorted(unknown)}")
        self._special_tokens = self._tokens.count_with_specials(self._manifest.passage_prefix)

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    @property
    def model_id(self) -> str:
        return self._manifest.model_id

    @property
    def dim(self) -> int:
        return self._manifest.dim

    @property
    def max_tokens(self) -> int:
        return self._manifest.max_tokens

    @property
    def special_tokens(self) -> int:
        return self._special_tokens

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._manifest.query_prefix + text for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._manifest.passage_prefix + text for text in texts])

    def count_tokens(self, text: str) -> int:
        return self._tokens.count(text)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        ids = self._tokens.ids(texts)
        for rows in batches_by_length(lengths=[len(row) for row in ids], budget_tokens=BATCH_TOKENS):
            vectors[rows] = self._run([ids[row] for row in rows])
        return vectors

    def _run(self, ids: list[list[int]]) -> Vectors:
        width = max(len(row) for row in ids)
        tokens = np.zeros((len(ids), width), dtype=np.int64)
        mask = np.zeros_like(tokens)
        for row, values in enumerate(ids):
            tokens[row, : len(values)] = values
            mask[row, : len(values)] = 1
        feed = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        with self._turns:
            (vectors,) = self._session.run(None, {name: feed[name] for name in self._inputs})
        return vectors


def batches_by_length(*, lengths: Sequence[int], budget_tokens: int) -> Iterator[list[int]]:
    """Row numbers in batches of similar length, shortest first, each batch at most ``budget_tokens`` padded tokens.

    Padding is paid for like text, and so is starting a run: of all divisions into neighbours by length this is the
    cheapest. A single longer text is a batch alone.
    """
    rows = sorted(range(len(lengths)), key=lambda row: (lengths[row], row))
    costs, starts = [0], [0]  # of the first n rows: the least cost, and where their last batch then begins
    for end in range(1, len(rows) + 1):
        width = max(1, lengths[rows[end - 1]])
        first = max(0, end - max(1, budget_tokens // width))
        cost, start = min((costs[start] + width * (end - start) + RUN_TOKENS, start) for start in range(first, end))
        costs.append(cost)
        starts.append(start)
    ends = [len(rows)]
    while ends[-1]:
        ends.append(starts[ends[-1]])
    for start, end in itertools.pairwise(reversed(ends)):
        yield rows[start:end]


def _open_session(*, path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    # A spinning thread pool takes whole cores from PostgreSQL and the web threads between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
