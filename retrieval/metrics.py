"""Retrieval metrics under the names that the runbooks use. No label names a tenant or a person."""

from prometheus_client import Counter, Histogram

# Buckets hold the limits of the service levels exactly: 0.25 s (gateway) and 5 s (end to end).
GATEWAY_LATENCY = Histogram(
    "rag_gateway_query_latency_seconds",
    "Embedding, search and fusion of one question.",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5),
)
QUERY_LATENCY = Histogram(
    "rag_query_latency_seconds",
    "One question from receipt to the stored answer.",
    buckets=(0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
)
CONFIDENCE = Histogram(
    "rag_confidence_score", "Confidence of answers, abstentions included.", buckets=tuple(n / 10 for n in range(1, 11))
)
ANSWERS = Counter("rag_answers_total", "Answers by outcome and generator kind.", ["outcome", "generator"])
TOOL_CALLS = Counter(
    "rag_tool_calls_total", "Calls of the assistant's tools; outcome denied: refused.", ["tool", "outcome"]
)
