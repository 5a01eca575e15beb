"""A token issuer over loopback HTTP: OpenID discovery, one key, and the tokens that a test asks for.

It stands for Cognito, Entra, Auth0 or Keycloak. What it signs is what the test says, true or not.
"""

import base64
import http.server
import json
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An issuer that signs with a key of its own. Two issuers have different keys and the same key id."""

    KEY_ID = "key-1"

    def __init__(self):
        self.key, self.key_type = rsa.generate_private_key(public_exponent=65537, key_size=2048), "RSA"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(issuer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                document = issuer._document(self.path)
                self.send_response(200 if document else 404)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_):
                pass

        return Handler

    def _document(self, path):
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/keys":
            numbers = self.key.public_key().public_numbers()
            number = lambda n: base64url(n.to_bytes((n.bit_length() + 7) // 8, "big"))
            key = {"kty": self.key_type, "use": "sig", "alg": "RS256", "kid": self.KEY_ID}
            return {"keys": [key | {"n": number(numbers.n), "e": number(numbers.e)}]}
        return None

    def token(self, audience, lifetime=600, key_id=KEY_ID, algorithm="RS256", **claims):
        """A token, signed by RS256 whatever it says. Each claim that is given takes the place of the usual one; None leaves it out."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": audience, "sub": "usr_1007", "iat": now - 1, "exp": now + lifetime}
        payload = {name: value for name, value in (usual | claims).items() if value is not None}
        parts = [{"alg": algorithm, "typ": "JWT", "kid": key_id}, payload]
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"


def tampered(token, **claims):
    """The token with other claims, under its old signature."""
    header, payload, signature = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return ".".join([header, base64url(json.dumps(decoded | claims).encode()), signature])


def unsigned(token):
    """The token as one that needs no signature."""
    _, payload, _ = token.split(".")
    return ".".join([base64url(json.dumps({"alg": "none", "typ": "JWT", "kid": Issuer.KEY_ID}).encode()), payload, ""])
