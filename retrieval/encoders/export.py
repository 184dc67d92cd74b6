"""Export a sentence-transformers model to ONNX, once, and prove that it computes the same vectors.

    python -m retrieval.encoders.export --target var/models/all-MiniLM-L6-v2
    python -m retrieval.encoders.export --source /models/e5-small-v2 --target var/models/e5-small-v2

The graph holds everything up to the unit vector (pooling and normalisation included), in fp32: int8 is another
embedding (cosine 0.92 to the original). Run again it finds the finished folder and returns in about a second.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib.metadata
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.encoders.loader import default_source
from retrieval.encoders.manifest import (
    MODEL_NAME,
    TOKENIZER_NAME,
    WEIGHTS_NAME,
    Manifest,
    ManifestInvalid,
    check_pin,
    file_sha256,
    prefixes_for,
    read_manifest,
    weights_sha256,
    write_manifest,
)

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

# The bar of ARCHITECTURE decision 10: an export below it would be another embedding.
MIN_COSINE = 0.9999

# ONNX operator set with LayerNormalization, so that onnxruntime finds its fused kernels.
_OPSET = 17

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_FILES = (MODEL_NAME, WEIGHTS_NAME, TOKENIZER_NAME)
_LIBRARIES = ("torch", "transformers", "sentence-transformers", "onnx", "onnxruntime", "tokenizers")

# Short, long, empty, accented, non-Latin, numeric and list-like texts: where a wrong mask or truncation would show.
_SAMPLES = (
    "How many days of parental leave do I get?",
    "Employees accrue 1.25 days of vacation per month, up to a maximum of thirty days; unused days lapse on 31 March.",
    "",
    "Überstunden müssen vorher genehmigt werden; voilà, ça suffit. 休暇は何日ありますか？",
    "- Receipts over $25.00\n- Mileage at 0.67 $/mile\n- Hotels: see Table 3 (p. 14)",
    "401(k) COVID-19 a@b.example https://intranet.example/leave?year=2026",
    "Remote work requires a written agreement that names the place, the hours and the equipment. " * 40,
)


class ExportDiffers(Exception):
    """The exported model's vectors are not the source model's."""


class SourceMissing(Exception):
    """The source is not a folder with a model."""


def export_model(*, source: Path, target: Path) -> Manifest:
    """Write the ONNX model, its tokenizer and a manifest to ``target``; a finished, current folder is left as it is.

    The folder appears complete or not at all (written beside, then renamed). Takes about 10 s and 1 GB for the
    default model.

    :raises SourceMissing: if ``source`` is not a folder.
    :raises WeightsMissing: if it holds no safetensors weights.
    :raises WeightsMismatch: if the weights are not those pinned for the target's name.
    :raises ExportDiffers: if any sample's cosine to the source model is below MIN_COSINE.
    """
    if not source.is_dir():
        raise SourceMissing(f"{source}: no such folder")
    digest = weights_sha256(source=source)
    check_pin(name=target.name, digest=digest)
    if finished := _finished(target=target, digest=digest):
        return finished
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        manifest = _write_export(source=source, name=target.name, folder=draft, digest=digest)
        _replace_folder(draft=draft, target=target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _finished(*, target: Path, digest: str) -> Manifest | None:
    try:
        manifest = read_manifest(folder=target)
    except ManifestInvalid:
        return None
    if manifest.source_sha256 != digest or manifest.name != target.name:
        return None
    intact = all((target / name).is_file() for name in _FILES) and all(
        file_sha256(path=target / name) == expected for name, expected in manifest.sha256.items()
    )
    return manifest if intact else None


def _write_export(*, source: Path, name: str, folder: Path, digest: str) -> Manifest:
    from retrieval.encoders.torch import load_sentence_transformer

    model = load_sentence_transformer(folder=source, device="cpu")
    _write_graph(model=model, path=folder / MODEL_NAME)
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_NAME))
    query_prefix, passage_prefix = prefixes_for(name=name, prompts=model.prompts or {})
    draft = Manifest(
        name=name,
        source_sha256=digest,
        dim=int(model.get_embedding_dimension() or 0),
        max_tokens=int(model.max_seq_length or 512),
        pooling=_pooling(model=model),
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
        sha256={file: file_sha256(path=folder / file) for file in _FILES},
        min_cosine=0.0,
        versions={library: importlib.metadata.version(library) for library in _LIBRARIES},
    )
    write_manifest(folder=folder, manifest=draft)
    return _verified(model=model, folder=folder)


def _write_graph(*, model: SentenceTransformer, path: Path) -> None:
    import torch

    wrapper = _as_plain_module(model=model)
    ids = torch.full((2, 7), 2, dtype=torch.long)
    sample = (ids, torch.ones_like(ids), torch.zeros_like(ids))
    axes = {name: {0: "texts", 1: "tokens"} for name in _INPUTS} | {"sentence_vector": {0: "texts"}}
    # dynamo=False: measured 15 % faster under onnxruntime than the newer exporter's graph, and 5 s sooner here.
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            wrapper,
            sample,
            str(path),
            input_names=list(_INPUTS),
            output_names=["sentence_vector"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    _move_weights_out(path=path)


def _move_weights_out(*, path: Path) -> None:
    """Keep the weights in a file of their own, which onnxruntime maps instead of reading: a process with the default
    model then takes 112 MB instead of 175, and at its start 97 instead of 184."""
    import onnx

    onnx.save_model(
        onnx.load(str(path)),
        str(path),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=WEIGHTS_NAME,
    )
    path.with_name(WEIGHTS_NAME).chmod(0o644)  # onnx makes it for its owner only; an image runs as another user


def _as_plain_module(*, model: SentenceTransformer) -> torch.nn.Module:
    import torch

    class PlainModule(torch.nn.Module):
        """Positional tensors in, unit vector out: what the exporter can trace."""

        def __init__(self) -> None:
            super().__init__()
            self.stages = torch.nn.ModuleList(list(model))

        def forward(self, input_ids, attention_mask, token_type_ids):
            features = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
            for stage in self.stages:
                features = stage(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)

    return PlainModule().eval()


def _pooling(*, model: SentenceTransformer) -> str:
    for stage in model:
        if type(stage).__name__ == "Pooling":
            return str(stage.pooling_mode)
    return "unknown"


def _verified(*, model: SentenceTransformer, folder: Path) -> Manifest:
    """The manifest with the worst cosine over the sample texts, written to the folder.

    :raises ExportDiffers: if it is below MIN_COSINE.
    """
    from retrieval.encoders.onnx import OnnxEncoder

    encoder = OnnxEncoder(folder=folder)
    prefix = encoder.manifest.passage_prefix
    expected = model.encode([prefix + text for text in _SAMPLES], prompt="", normalize_embeddings=True)
    worst = float(np.min(np.sum(expected * encoder.encode_passages(_SAMPLES), axis=1)))
    if worst < MIN_COSINE:
        raise ExportDiffers(f"worst cosine to the source model is {worst:.6f}, needed {MIN_COSINE}")
    manifest = dataclasses.replace(encoder.manifest, min_cosine=round(worst, 7))
    write_manifest(folder=folder, manifest=manifest)
    return manifest


def _replace_folder(*, draft: Path, target: Path) -> None:
    """Rename the finished draft into place; a leftover (older, damaged) folder steps aside first."""
    draft.chmod(0o755)
    stale = target.with_name(f".{target.name}.stale-{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        target.rename(stale)
    draft.rename(target)
    shutil.rmtree(stale, ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Export a sentence-transformers model to ONNX and verify it.")
    parser.add_argument("--source", type=Path, help="model folder; default: the installed all-MiniLM-L6-v2")
    parser.add_argument("--target", type=Path, required=True, help="folder to write; its name becomes the model's name")
    options = parser.parse_args(arguments)
    manifest = export_model(source=options.source or default_source(), target=options.target)
    print(f"{manifest.model_id}: {manifest.dim} dimensions, worst cosine {manifest.min_cosine}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
