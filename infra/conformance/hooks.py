"""What schemathesis needs to get past a signature and to hit things that exist.

Events, requests to send and WhatsApp's webhook are signed as their senders would; the hook of VTEX gets its secret;
every second path names things that the account has. Without it all of these would answer 401 and 404 alone.
"""

import base64
import hashlib
import hmac
import json
import os
import time

import requests
import schemathesis

# What run.py made before: {"signed": {"account", "secret"}, "paths": {"/campaigns/{id}": {"id": …}}}
FIXTURE = json.loads(os.environ["CONFORMANCE_FIXTURE"])
WHATSAPP_APP_SECRET = b"local-app-secret"
VTEX_HOOK_SECRET = "local-hook-secret"


def body_of(request):
    body = request.body or b""
    return body.encode() if isinstance(body, str) else body


class StandardWebhooks(requests.auth.AuthBase):
    """Signs with the secret of the account that sends."""

    key = base64.b64decode(FIXTURE["signed"]["secret"].removeprefix("whsec_"))

    def __call__(self, request):
        message_id, second = "msg_conformance", str(int(time.time()))
        signed = b".".join([message_id.encode(), second.encode(), body_of(request)])
        digest = base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode()
        request.headers["webhook-id"] = message_id
        request.headers["webhook-timestamp"] = second
        request.headers["webhook-signature"] = f"v1,{digest}"
        return request


class WhatsAppHub(requests.auth.AuthBase):
    """Signs as Meta does."""

    def __call__(self, request):
        digest = hmac.digest(WHATSAPP_APP_SECRET, body_of(request), hashlib.sha256).hex()
        request.headers["x-hub-signature-256"] = f"sha256={digest}"
        return request


class VtexHook(requests.auth.AuthBase):
    """Sends the secret that every hook may send here."""

    def __call__(self, request):
        request.headers["x-hook-secret"] = VTEX_HOOK_SECRET
        return request


schemathesis.auth.set_from_requests(StandardWebhooks()).apply_to(
    path=["/events/{account}", "/sends/{account}"]
)
schemathesis.auth.set_from_requests(WhatsAppHub()).apply_to(method="POST", path="/webhooks/whatsapp")
schemathesis.auth.set_from_requests(VtexHook()).apply_to(path="/webhooks/vtex/{account}")


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Every second path, judged by what was drawn so that a seed repeats a run, names things that are there."""
    known = FIXTURE["paths"].get(context.operation.path)
    if known is None or not path_parameters:
        return path_parameters
    drawn = json.dumps(path_parameters, sort_keys=True, default=str).encode()
    if hashlib.sha256(drawn).digest()[0] % 2:
        return {**path_parameters, **known}
    return path_parameters
