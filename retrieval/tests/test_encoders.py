"""Encoders: the export is faithful, complete or absent, and needs no torch to run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoders import Encoder, EncoderNotExported, begin_query, get_encoder
from retrieval.encoders import export as exporting
from retrieval.encoders.export import ExportDiffers, SourceMissing, export_model
from retrieval.encoders.loader import EncoderBackendUnknown, build_encoder, default_source, model_folder
from retrieval.encoders.manifest import (
    DEFAULT_MODEL,
    PINNED_WEIGHTS,
    ManifestInvalid,
    WeightsMismatch,
    WeightsMissing,
    prefixes_for,
    read_manifest,
    weights_sha256,
)
from retrieval.encoders.onnx import OnnxEncoder, batches_by_length

TEXTS = ["paid leave", "", "the leave of the employee is paid " * 30, "travel", "employee travel is paid by the day"]


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory) -> Path:
    """A random BERT of two small layers, saved as a sentence-transformers folder named like an e5 model."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    bare = tmp_path_factory.mktemp("bert")
    words = [*"abc:", "the", "leave", "of", "employee", "is", "paid", "travel", "by", "day", "query", "passage"]
    (bare / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    tokenizer = BertTokenizerFast(vocab=str(bare / "vocab.txt"), do_lower_case=True)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(bare)
    tokenizer.save_pretrained(bare)
    transformer = Transformer(str(bare), max_seq_length=48)
    folder = tmp_path_factory.mktemp("models") / "tiny-e5"
    SentenceTransformer(modules=[transformer, Pooling(32, pooling_mode="mean")]).save(str(folder))
    return folder


@pytest.fixture(scope="module")
def exported(tiny_model, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("data") / "models" / "tiny-e5"
    export_model(source=tiny_model, target=target)
    return target


@pytest.fixture(scope="module")
def onnx(exported) -> OnnxEncoder:
    return OnnxEncoder(folder=exported)


@pytest.fixture(scope="module")
def torch_encoder(tiny_model):
    return build_encoder(backend="torch", model="tiny-e5", data_dir=tiny_model, threads=1, source=tiny_model)


def test_both_backends_compute_the_same_unit_vectors(onnx, torch_encoder):
    ours, theirs = onnx.encode_passages(TEXTS), torch_encoder.encode_passages(TEXTS)

    assert ours.dtype == theirs.dtype == np.float32
    assert ours.shape == theirs.shape == (len(TEXTS), 32)
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.sum(ours * theirs, axis=1).min() > 0.9999


def test_both_backends_are_encoders_with_one_identity(onnx, torch_encoder, tiny_model):
    assert isinstance(onnx, Encoder) and isinstance(torch_encoder, Encoder)
    assert onnx.model_id == torch_encoder.model_id == "tiny-e5@" + weights_sha256(source=tiny_model)[:12]
    assert (onnx.dim, onnx.max_tokens) == (torch_encoder.dim, torch_encoder.max_tokens) == (32, 48)
    assert onnx.special_tokens == torch_encoder.special_tokens == 4  # [CLS] passage : [SEP]


def test_order_and_batch_do_not_change_a_vector(onnx):
    together = onnx.encode_passages(TEXTS)
    alone = np.vstack([onnx.encode_passages([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)


def test_e5_models_read_questions_and_passages_with_their_prefixes(onnx):
    assert onnx.manifest.query_prefix == "query: "
    assert not np.allclose(onnx.encode_queries(["leave"]), onnx.encode_passages(["leave"]), atol=1e-3)


def test_prefixes_are_the_models_own_then_the_familys_then_none():
    assert prefixes_for(name="any", prompts={"query": "Q: ", "document": "D: "}) == ("Q: ", "D: ")
    assert prefixes_for(name="multilingual-e5-small", prompts={}) == ("query: ", "passage: ")
    assert prefixes_for(name=DEFAULT_MODEL, prompts={"query": "", "document": None}) == ("", "")


def test_tokens_are_counted_without_markers_prefix_or_truncation(onnx, torch_encoder):
    assert onnx.count_tokens("paid leave") == torch_encoder.count_tokens("paid leave") == 2
    assert onnx.count_tokens("leave " * 500) == torch_encoder.count_tokens("leave " * 500) == 500
    assert onnx.count_tokens("") == 0


def test_no_texts_give_no_vectors(onnx, torch_encoder):
    assert onnx.encode_passages([]).shape == torch_encoder.encode_passages([]).shape == (0, 32)


def test_a_finished_export_is_left_as_it_is(tiny_model, exported, monkeypatch):
    monkeypatch.setattr(exporting, "_write_export", lambda **_: pytest.fail("exported again"))
    assert export_model(source=tiny_model, target=exported) == read_manifest(folder=exported)


def test_a_damaged_export_is_made_again(tiny_model, tmp_path):
    target = tmp_path / "tiny-e5"
    first = export_model(source=tiny_model, target=target)
    (target / "model.onnx").write_bytes(b"cut off")

    assert export_model(source=tiny_model, target=target).sha256.keys() == first.sha256.keys()
    assert OnnxEncoder(folder=target).encode_queries(["leave"]).shape == (1, 32)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-e5"]


def test_an_export_that_computes_something_else_leaves_nothing(tiny_model, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "MIN_COSINE", 1.1)
    with pytest.raises(ExportDiffers):
        export_model(source=tiny_model, target=tmp_path / "tiny-e5")
    assert list(tmp_path.iterdir()) == []


def test_other_weights_than_the_pinned_ones_are_refused(tiny_model, tmp_path):
    with pytest.raises(WeightsMismatch):
        export_model(source=tiny_model, target=tmp_path / DEFAULT_MODEL)


def test_a_source_without_safe_weights_is_refused(tmp_path):
    with pytest.raises(SourceMissing):
        export_model(source=tmp_path / "nowhere", target=tmp_path / "x")
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(WeightsMissing):
        export_model(source=tmp_path / "pickled", target=tmp_path / "x")


def test_a_missing_export_says_which_command_makes_it(tmp_path):
    with pytest.raises(EncoderNotExported, match=r"python -m retrieval\.encoders\.export"):
        build_encoder(backend="onnx", model=DEFAULT_MODEL, data_dir=tmp_path, threads=1)
    with pytest.raises(EncoderBackendUnknown):
        build_encoder(backend="tensorflow", model=DEFAULT_MODEL, data_dir=tmp_path, threads=1)


def test_a_manifest_of_another_format_is_not_read(exported, tmp_path):
    fields = json.loads((exported / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**fields, "format": 0}))
    with pytest.raises(ManifestInvalid):
        read_manifest(folder=tmp_path)


def test_the_onnx_encoder_imports_neither_torch_nor_transformers(exported):
    code = (
        "import sys; from pathlib import Path; from retrieval.encoders.onnx import OnnxEncoder;"
        "OnnxEncoder(folder=Path(sys.argv[1])).encode_queries(['leave']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(exported)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_packaged_default_model_has_the_pinned_weights():
    assert weights_sha256(source=default_source()) == PINNED_WEIGHTS[DEFAULT_MODEL]


def test_the_default_model_is_exported_faithfully_and_understands_paraphrase(tmp_path):
    target = model_folder(data_dir=tmp_path, name=DEFAULT_MODEL)

    manifest = export_model(source=default_source(), target=target)

    assert manifest.min_cosine >= 0.9999
    assert (manifest.dim, manifest.max_tokens, manifest.pooling) == (384, 256, "mean")
    encoder = build_encoder(backend="onnx", model=DEFAULT_MODEL, data_dir=tmp_path, threads=1)
    question = encoder.encode_queries(["How long can I stay home after my child is born?"])
    near, far = encoder.encode_passages(["Parental leave lasts twenty weeks.", "The canteen opens at noon."])
    assert question[0] @ near > question[0] @ far + 0.2


@given(lengths=st.lists(st.integers(1, 300), max_size=60), budget=st.integers(1, 1000))
def test_batches_hold_every_row_once_within_the_budget(lengths, budget):
    batches = list(batches_by_length(lengths=lengths, budget_tokens=budget))

    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    padded = [len(batch) * max(lengths[row] for row in batch) for batch in batches]
    assert all(size <= budget or len(batch) == 1 for size, batch in zip(padded, batches, strict=True))


def test_question_encoded_beside_the_thread_is_the_same_vector():
    asked = ["How many days of leave?", "Who signs?", "Where is the office?"]

    begun = [begin_query(question) for question in asked]

    for question, future in zip(asked, begun, strict=True):
        assert np.array_equal(future.result(timeout=30), get_encoder().encode_queries([question])[0])


def test_batches_weigh_padding_against_starting_another_run():
    # 100 + 101 together: 202 + 12; apart: 201 + 24. With 300 beside them 99 tokens would be padding, twice.
    assert list(batches_by_length(lengths=[300, 100, 101], budget_tokens=1000)) == [[1, 2], [0]]


def test_batches_come_shortest_first():
    lengths = [250, 40, 160, 10]

    assert list(batches_by_length(lengths=lengths, budget_tokens=800)) == [[3], [1], [2], [0]]
