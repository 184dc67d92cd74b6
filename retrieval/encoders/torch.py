"""Encoder over sentence-transformers: any local model, and the GPU where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.encoders.manifest import check_pin, model_id, prefixes_for, weights_sha256
from retrieval.encoders.protocol import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Texts in one forward pass; sentence-transformers sorts by length itself. On a CPU small batches stay in its cache.
_BATCH_TEXTS_CPU = 4
_BATCH_TEXTS_GPU = 256


class TorchEncoder:
    """Encoder over a local sentence-transformers folder; nothing is ever fetched from a hub.

    Importing torch takes seconds and 300 MB, so it happens here, when the encoder is built, and never in a web
    process on the default backend.
    """

    def __init__(self, *, folder: Path, name: str | None = None, threads: int = 1, device: str | None = None) -> None:
        digest = weights_sha256(source=folder)
        self._name = name or folder.name
        check_pin(name=self._name, digest=digest)
        self._model_id = model_id(name=self._name, digest=digest)
        self._model = load_sentence_transformer(folder=folder, threads=threads, device=device)
        self._query_prefix, self._passage_prefix = prefixes_for(name=self._name, prompts=self._model.prompts or {})
        self._batch_texts = _BATCH_TEXTS_CPU if self._model.device.type == "cpu" else _BATCH_TEXTS_GPU
        specials = self._model.tokenizer(self._passage_prefix, verbose=False)["input_ids"]
        self._special_tokens = len(specials)

    @property
    def model_id(self) -> str:
        return self._model_id

    @property
    def dim(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def max_tokens(self) -> int:
        return int(self._model.max_seq_length or 512)

    @property
    def special_tokens(self) -> int:
        return self._special_tokens

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._query_prefix + text for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._passage_prefix + text for text in texts])

    def count_tokens(self, text: str) -> int:
        encoded = self._model.tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)
        return len(encoded["input_ids"])

    def _encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        # prompt="" keeps the library from adding a prompt of its own: the prefix is already in the text.
        vectors = self._model.encode(
            list(texts),
            prompt="",
            batch_size=self._batch_texts,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, dtype=np.float32)


def load_sentence_transformer(*, folder: Path, threads: int = 1, device: str | None = None) -> SentenceTransformer:
    """A SentenceTransformer from a local folder, in evaluation mode.

    Attention is the plain ("eager") kind: its arithmetic is the one the ONNX export records.
    """
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(
        str(folder), device=device, local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    )
    return model.eval()
