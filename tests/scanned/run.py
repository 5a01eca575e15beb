"""Codes as printed and scanned, end to end: what text recognition and QR readers see leads to the page of that very code.

    python3 tests/scanned/run.py target/debug/examples/local

Needs Debian's tesseract-ocr, zbar-tools, librsvg2-bin, fonts-dejavu-core and fonts-liberation, and PyPI's pillow and
opencv-python-headless. The third reader, rqrr, is a library in Rust: tests/it/routes/qr_code.rs.
"""

import collections
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import cv2
from PIL import Image, ImageDraw, ImageFont

MENTORS = ["Jan", "Åse", "Olga", "Bo", "Sigrid", "Zoë", "Gunnar", "Isak", "Lise", "Per", "", ""]
CAMPAIGNS = ["VERV", "VERVS", "SPRING26"]
# Proportional faces read best; in one of fixed width the hyphens stand apart.
PROPORTIONAL = ["DejaVuSans.ttf", "DejaVuSerif.ttf", "LiberationSans-Regular.ttf", "LiberationSerif-Bold.ttf"]
FIXED = ["DejaVuSansMono.ttf", "LiberationMono-Regular.ttf"]
# The least part of the printed codes that leads to its page. The rest is read as no code, never as another one.
LEADS = {"proportional": 0.9, "fixed": 0.5}
# Pixels on a side: a module of the smallest has 2 to 3.
SIZES = [100, 150, 240, 400, 600]


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(Unfollowed)


class Server:
    def __init__(self, program, campaign):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {"CAMPAIGN": campaign, "SHORT_URL_BASE": f"{self.url}/r", "JOIN_URL_BASE": "https://app.org.no/join"}
        command = [program, "--memory", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                self.call("/openapi.yaml")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{program} does not answer")

    def call(self, path, body=None):
        request = urllib.request.Request(self.url + path, method="POST" if body else "GET")
        if body:
            request.data = json.dumps(body).encode()
            request.add_header("content-type", "application/json")
        try:
            with OPENER.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()

    def code_at(self, url):
        """The code whose page a URL leads to."""
        path = url.removeprefix(self.url)
        status, headers, _ = self.call(path)
        if status != 302:
            return None
        return urllib.parse.parse_qs(urllib.parse.urlsplit(headers["location"]).query)["ref"][0]

    def create(self, mentor, name):
        body = {"mentor_id": mentor, "org_id": "o"} | ({"mentor_name": name} if name else {})
        return json.loads(self.call("/api/v1/referral-codes", body)[2])["code"]


def printed(code, face, size, folder):
    font = ImageFont.truetype(face, size)
    _, _, width, height = font.getbbox(code)
    image = Image.new("L", (int(width) + 4 * size, int(height) + 2 * size), 255)
    ImageDraw.Draw(image).text((2 * size, size), code, font=font, fill=0)
    path = folder / "code.png"
    image.save(path, dpi=(300, 300))
    return path


def recognized(path):
    command = ["tesseract", str(path), "-", "--psm", "7"]
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def scanned(picture):
    """What each reader sees in a picture of a QR code."""
    found = subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True).stdout.strip()
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.imread(str(picture)))
    return {"zbar": found, "OpenCV": text}


def main(program):
    random.seed(1)
    wrong = []
    read = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for campaign in CAMPAIGNS:
            server = Server(program, campaign)
            try:
                codes = [server.create(f"m{nth}", name) for nth, name in enumerate(MENTORS)]
                for code in codes:
                    for kind, faces in {"proportional": PROPORTIONAL, "fixed": FIXED}.items():
                        text = recognized(printed(code, random.choice(faces), random.choice([28, 40, 56]), folder))
                        led = server.code_at(f"{server.url}/r/{urllib.parse.quote(text, safe='')}")
                        read[kind, led == code] += 1
                        if led not in (None, code):
                            wrong.append(f"{code} printed, {text!r} read: leads to {led}")
                for code in codes[:3]:
                    (folder / "code.svg").write_bytes(server.call(f"/r/{code}.svg")[2])
                    for size in SIZES:
                        picture = folder / "qr.png"
                        subprocess.run(["rsvg-convert", "-w", str(size), "-b", "white", "-o", picture, folder / "code.svg"], check=True)
                        for reader, url in scanned(picture).items():
                            led = server.code_at(url) if url.startswith(server.url) else None
                            read[reader, led == code] += 1
                            if led != code:
                                wrong.append(f"{reader} reads {url!r} in {size} pixels of {code}")
            finally:
                server.process.terminate()
                server.process.wait()
    for what in ["proportional", "fixed", "zbar", "OpenCV"]:
        good, bad = read[what, True], read[what, False]
        print(f"{what}: {good} of {good + bad} lead to the page")
        if good < LEADS.get(what, 1) * (good + bad):
            wrong.append(f"{what}: too few lead to the page")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
