"""Runs schemathesis over every route of a local stack: no server error, no answer that infra/openapi.json does not tell.

run.py PROGRAM: the local stack's program. All on loopback, the same cases in each run, data in a temporary directory.
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.request

HERE = pathlib.Path(__file__).parent
DOCUMENT = HERE.parent / "openapi.json"
# Cases of an operation in the fuzzing phase; the coverage phase derives its own from the document.
EXAMPLES = 20
# The fuzzed account's name, and the one whose sender signs: drawing secrets for the first must not end the second's.
FUZZED, SIGNED = "conformance", "conformance-sender"


class Vtex(http.server.BaseHTTPRequestHandler):
    """A VTEX that has no hook yet, takes any, and has no order."""

    def do_GET(self):
        self.answer(404)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.answer(200)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        """Silent."""


def call(base, method, path, token=None, body=None):
    """One request; its JSON, or its text where it is none."""
    request = urllib.request.Request(base + path, method=method)
    if token:
        request.add_header("authorization", f"Bearer {token}")
    if body is not None:
        request.add_header("content-type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read().decode()
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def set_up(base):
    """Two stores, a campaign, a report and a schedule; a token of the first, and what the hooks need."""
    tokens = {}
    for number, account in enumerate([FUZZED, SIGNED]):
        tokens[account] = token = call(base, "GET", f"/local/token?account={account}")
        store = {
            "timeZone": "America/Sao_Paulo",
            "language": "pt-BR",
            "phoneNumberIds": [f"55501002{number:02}"],
            "storeUrl": "https://shop.example",
        }
        call(base, "PUT", "/account", token, store)
    token = tokens[FUZZED]
    campaign = {"name": "Carts", "language": "pt-BR", "messageType": "text"}
    campaigns = {account: call(base, "POST", "/campaigns", tokens[account], campaign) for account in tokens}
    campaign_id = campaigns[FUZZED]["campaignId"]
    connection = {"wabaId": "5550100", "phoneNumberId": "5550100200", "token": "local-whatsapp-token"}
    call(base, "PUT", "/account/whatsapp", token, connection)
    report = {"email": "ana@shop.example", "from": "2026-11-01", "to": "2026-11-02"}
    report_id = call(base, "POST", "/reports", token, report)["id"]
    schedule = {"email": "ana@shop.example", "frequency": "daily"}
    schedule_id = call(base, "POST", "/report-schedules", token, schedule)["id"]
    fixture = {
        "signed": {
            "account": SIGNED,
            "secret": call(base, "POST", "/account/signing-secret", tokens[SIGNED])["secret"],
        },
        "paths": {
            "/campaigns/{id}": {"id": campaign_id},
            "/campaigns/{id}/history": {"id": campaign_id},
            "/campaigns/{id}/test": {"id": campaign_id},
            "/templates/{language}/{messageType}": {"language": "pt-BR", "messageType": "text"},
            "/campaigns/{id}/pause": {"id": campaign_id},
            "/campaigns/{id}/resume": {"id": campaign_id},
            "/reports/{id}": {"id": report_id},
            "/reports/{id}/download": {"id": report_id},
            "/report-schedules/{id}/pause": {"id": schedule_id},
            "/report-schedules/{id}/resume": {"id": schedule_id},
            "/events/{account}": {"account": SIGNED},
            "/sends/{account}": {"account": SIGNED},
            "/webhooks/vtex/{account}": {"account": SIGNED},
        },
    }
    return token, fixture


def conform(base, token, fixture, directory):
    """schemathesis' exit code; its own words go to the output."""
    command = [
        str(pathlib.Path(sys.executable).parent / "schemathesis"),
        f"--config-file={HERE.resolve() / 'schemathesis.toml'}",
        "run",
        str(DOCUMENT.resolve()),
        f"--url={base}",
        f"--header=Authorization: Bearer {token}",
        "--phases=examples,coverage,fuzzing",
        f"--max-examples={EXAMPLES}",
        "--generation-deterministic",
        "--no-shrink",
        "--continue-on-failure",
        "--warnings=off",
        "--request-timeout=30",
        "--no-color",
        *sys.argv[2:],
    ]
    environment = {
        **os.environ,
        "CONFORMANCE_FIXTURE": json.dumps(fixture),
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE.resolve()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_PROXY": "127.0.0.1",
    }
    return subprocess.run(command, cwd=directory, env=environment, check=False).returncode


def main():
    vtex = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Vtex)
    threading.Thread(target=vtex.serve_forever, daemon=True).start()
    environment = {**os.environ, "VTEX_URL": f"http://127.0.0.1:{vtex.server_port}"}
    with tempfile.TemporaryDirectory() as directory:
        stack = subprocess.Popen(
            [sys.argv[1], "--port", "0", "--no-demo", "--data-dir", directory + "/data"],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        try:
            # The line is the stack's promise that it answers.
            base = stack.stdout.readline().strip().removeprefix("listening on ")
            if not base:
                sys.exit("the stack did not start")
            token, fixture = set_up(base)
            sys.exit(conform(base, token, fixture, directory))
        finally:
            stack.terminate()
            stack.wait(timeout=30)


if __name__ == "__main__":
    main()
