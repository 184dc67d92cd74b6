"""`up` with tiny programs in place of the product's, for the supervisor's tests to start as a process of its own."""

import sys

from ragsite.supervisor import up
from ragsite.supervisor.configuration import Configuration
from ragsite.supervisor.plan import Plan, RunningPart
from ragsite.supervisor.preparation import Step
from ragsite.supervisor.processes import Part

WEB = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""
IDLE = "import sys, time; print(sys.argv[1], 'is here', flush=True); time.sleep(1000)"
# Like a pool worker that outlives its parent.
IDLE_WITH_CHILD = (
    "import subprocess, sys, time; "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)', 'grandchild']); "
    "print('worker is here', flush=True); time.sleep(1000)"
)


def stub_plan(configuration: Configuration, *, database_url: str) -> Plan:
    """One step and three parts that do nothing."""
    python = configuration.python
    return Plan(
        steps=(
            Step(
                name="once",
                title="the only step",
                command=(python, "-c", "print('the step ran')"),
                stamp=lambda: "same",
                timeout_seconds=20,
            ),
        ),
        parts=(
            RunningPart(part=Part(name="worker", stop_seconds=3), command=(python, "-c", IDLE_WITH_CHILD)),
            RunningPart(part=Part(name="beat", stop_seconds=3), command=(python, "-c", IDLE, "beat")),
            RunningPart(part=Part(name="web", stop_seconds=3), command=(python, "-c", WEB)),
        ),
    )


if __name__ == "__main__":
    sys.exit(up.main(planner=stub_plan))
