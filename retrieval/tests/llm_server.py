"""A small OpenAI-compatible server for tests: says what the test tells it, or fails in the ways real servers do."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LanguageModelServer:
    """`reply` makes the words from the request's messages; `mode` is how the server behaves.

    `wants` makes the tools that are to be called: (name, arguments as JSON) each. It is asked only where tools are
    offered, and then it comes before words.
    """

    def __init__(self) -> None:
        self.reply: Callable[[list[dict[str, str]]], str] = lambda messages: "Nothing [1]."
        self.wants: Callable[[dict], list[tuple[str, str]]] = lambda body: []
        self.mode = "ok"  # ok, error, refuse, hang, break_off, garbage, no_tools
        self.hang_seconds = 3.0
        self.awake = threading.Event()  # ends the hanging
        self.requests: list[dict] = []
        self.url = ""
        self.usage: dict | None = None  # what the last chunk says, where the request asks for it


@contextmanager
def running() -> Iterator[LanguageModelServer]:
    state = LanguageModelServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(body)
            if state.mode == "no_tools" and body.get("tools"):
                self.send_response(400)
                self.end_headers()
                return
            if state.mode in ("error", "refuse"):
                self.send_response(500 if state.mode == "error" else 401)
                self.end_headers()
                return
            if state.mode == "hang":
                state.awake.wait(state.hang_seconds)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            wanted = state.wants(body) if body.get("tools") else []
            for number, (name, arguments) in enumerate(wanted):
                # Real servers send the arguments bit by bit.
                half = len(arguments) // 2
                self.wfile.write(_call(number, name, arguments[:half], is_first=True))
                self.wfile.write(_call(number, name, arguments[half:], is_first=False))
            words = "" if wanted else state.reply(body["messages"])
            for start in range(0, len(words), 7):
                if state.mode == "garbage":
                    self.wfile.write(b"data: {not json\n\n")
                    return
                if state.mode == "break_off" and start > 14:
                    self.wfile.write(b'data: {"choices": [{"ind')
                    return
                self.wfile.write(_chunk(words[start : start + 7]))
                self.wfile.flush()
            if state.usage and body.get("stream_options", {}).get("include_usage"):
                self.wfile.write(_event({}, choices=False, usage=state.usage))
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def _chunk(text: str) -> bytes:
    return _event({"content": text})


def _call(number: int, name: str, arguments: str, *, is_first: bool) -> bytes:
    named = {"id": f"call-{number}", "type": "function"} if is_first else {}
    function = {"name": name, "arguments": arguments} if is_first else {"arguments": arguments}
    return _event({"tool_calls": [{"index": number, **named, "function": function}]})


def _event(delta: dict, *, choices: bool = True, usage: dict | None = None) -> bytes:
    event = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}] if choices else [],
        **({"usage": usage} if usage else {}),
    }
    return f"data: {json.dumps(event)}\n\n".encode()
