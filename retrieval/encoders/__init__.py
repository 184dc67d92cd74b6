"""Text encoders: one protocol, an ONNX backend (default, CPU) and a torch backend (any sentence-transformers model).

Importing this package imports neither torch nor onnxruntime; a backend brings its library when it is built.
"""

from retrieval.encoders.ahead import begin_query
from retrieval.encoders.loader import EncoderNotExported, get_encoder, model_folder
from retrieval.encoders.protocol import Encoder

__all__ = ["Encoder", "EncoderNotExported", "begin_query", "get_encoder", "model_folder"]
