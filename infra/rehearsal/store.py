"""A store that speaks to the deployed API: tokens, signatures, requests."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import subprocess
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCE = "campaigns-admin"


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An identity provider: a key, its discovery document, and tokens."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        jwk = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1"}
        jwk["n"] = url64(numbers.n.to_bytes(256, "big"))
        jwk["e"] = url64(numbers.e.to_bytes(3, "big"))
        documents = {"/jwks": {"keys": [jwk]}}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                found = documents.get(self.path)
                self.send_response(200 if found else 404)
                self.end_headers()
                self.wfile.write(json.dumps(found).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        documents["/.well-known/openid-configuration"] = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
        }
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, **claims):
        now = int(time.time())
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "rehearsal", "iat": now, "exp": now + 3600}
        parts = [{"alg": "RS256", "typ": "JWT", "kid": "1"}, {**usual, **claims}]
        signed = ".".join(url64(json.dumps(part).encode()) for part in parts)
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{url64(signature)}"


class Api:
    """The deployed API, reached as its own host name on the emulator's port, with what the distribution adds."""

    def __init__(self, port, api_id, origin_secret):
        self.port, self.origin_secret = port, origin_secret
        self.host = f"{api_id}.execute-api.localhost:{port}"

    def call(self, method, path, body=None, headers=None):
        """Status, headers and JSON (or text) of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        usual = {"Host": self.host, "Content-Type": "application/json", "x-origin-secret": self.origin_secret}
        connection.request(method, path, body=data, headers={**usual, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        try:
            return answer.status, answer.headers, json.loads(text)
        except json.JSONDecodeError:
            return answer.status, answer.headers, text


class Graph:
    """The local stack's stand-in for Meta's Graph API. Use it in a `with`."""

    def __init__(self, program, app_secret):
        self.process = subprocess.Popen([program, app_secret], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        self.bodies = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def post_to(self, api):
        """Posts its webhooks to the deployed API from now on."""

        def post():
            for line in self.process.stdout:
                told = json.loads(line)
                self.bodies.append(json.loads(told["body"]))
                headers = {"X-Hub-Signature-256": told["signature"]}
                status, _, answer = api.call("POST", "/webhooks/whatsapp", told["body"].encode(), headers)
                assert status == 200, answer

        threading.Thread(target=post, daemon=True).start()


class Store:
    """One account, set up, with campaigns and a signing secret."""

    def __init__(self, api, issuer, account, time_zone, campaigns):
        self.api, self.account = api, account
        self.token = issuer.token(**{"custom:account": account, "scp": ["admin:read", "admin:write"]})
        digits = "".join(f"{byte:03}" for byte in account.encode())
        self.phone_number_id = f"555{digits}"[:48]
        self.settings = {
            "timeZone": time_zone,
            "countryCode": "55",
            "language": "en-US",
            "phoneNumberIds": [self.phone_number_id],
            "storeUrl": "https://shop.example",
            # Its readers are asked for nothing first, also while its address is pending.
            "reportDomains": ["shop.example"],
        }
        self.admin("PUT", "/account", self.settings)
        self.secret = self.admin("POST", "/account/signing-secret")["secret"]
        self.campaigns = [
            self.admin(
                "POST",
                "/campaigns",
                {"name": f"Campaign {number}", "language": "pt-BR", "messageType": "text"},
            )["campaignId"]
            for number in range(campaigns)
        ]

    def admin(self, method, path, body=None, headers=None):
        """An Admin request that must succeed; its JSON."""
        bearer = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        status, _, answer = self.api.call(method, path, body, bearer)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def signed(self, path, content_type, body):
        """A request signed by Standard Webhooks that must succeed; its JSON."""
        status, answer = self.signed_status(path, content_type, body)
        assert status < 300, f"{path}: {status} {answer}"
        return answer

    def signed_status(self, path, content_type, body):
        """A request signed by Standard Webhooks; status and JSON of its answer."""
        data = json.dumps(body).encode()
        message_id, second = f"msg_{hashlib.sha256(data).hexdigest()[:16]}", str(int(time.time()))
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{message_id}.{second}.".encode() + data, hashlib.sha256).digest()
        headers = {
            "Content-Type": content_type,
            "webhook-id": message_id,
            "webhook-timestamp": second,
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }
        status, _, answer = self.api.call("POST", path, data, headers)
        return status, answer

    def tell(self, events):
        """Sends CloudEvents in one batch; each must be accepted."""
        path = f"/events/{self.account}"
        answer = self.signed(path, "application/cloudevents-batch+json", events)
        assert answer == {"accepted": len(events), "keptAside": []}, answer

    def whatsapp(self, app_secret, value):
        """Sends what WhatsApp would, signed by `app_secret`; the status of the answer."""
        value = {"metadata": {"phone_number_id": self.phone_number_id}, **value}
        change = {"field": "messages", "value": value}
        entry = {"id": "5550100", "changes": [change]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        mac = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={mac}"}
        return self.api.call("POST", "/webhooks/whatsapp", body, headers)[0]
