"""A token issuer over loopback HTTP: OpenID discovery, one key, and the tokens that a test asks for.

It stands for Cognito, Entra, Auth0 or Keycloak. What it signs is what the test says, true or not.
"""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from loopback import serve

AUDIENCE = "referral-codes"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An issuer that signs with a key of its own. Two issuers have different keys and the same key id."""

    KEY_ID = "key-1"

    def __init__(self):
        self.key, self.key_type = rsa.generate_private_key(public_exponent=65537, key_size=2048), "RSA"
        self.url = serve(self._answer)

    def _answer(self, path, _headers, _body):
        numbers = self.key.public_key().public_numbers()
        number = lambda n: base64url(n.to_bytes((n.bit_length() + 7) // 8, "big"))
        key = {"kty": self.key_type, "use": "sig", "alg": "RS256", "kid": self.KEY_ID}
        documents = {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [key | {"n": number(numbers.n), "e": number(numbers.e)}]},
        }
        return 200 if path in documents else 404, "application/json", json.dumps(documents.get(path)).encode()

    def token(self, audience=AUDIENCE, lifetime=3600, key_id=KEY_ID, algorithm="RS256", **claims):
        """A token, signed by RS256 whatever it says. Each claim that is given takes the place of the usual one; None leaves it out."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": audience, "sub": "usr_1007", "iat": now - 1, "exp": now + lifetime}
        payload = {name: value for name, value in (usual | claims).items() if value is not None}
        parts = [{"alg": algorithm, "typ": "JWT", "kid": key_id}, payload]
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"

    def admin(self):
        return self.token(scope="codes:admin")
