"""Codes as printed and scanned, end to end: what text recognition and QR readers see leads to the page of that very code.

    python3 tests/scanned/run.py target/debug/examples/local

Needs Debian's tesseract-ocr, zbar-tools, librsvg2-bin, fonts-dejavu-core and fonts-liberation, and PyPI's pillow and
opencv-python-headless. The third reader, rqrr, is a library in Rust: tests/it/routes/qr_code.rs.
"""

import collections
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import urllib.parse

import cv2
from PIL import Image, ImageDraw, ImageFont

sys.path.append(str(pathlib.Path(__file__).parents[1]))
from loopback import call, running

MENTORS = ["Jan", "Åse", "Olga", "Bo", "Sigrid", "Zoë", "Gunnar", "Isak", "Lise", "Per", "", ""]
CAMPAIGNS = ["VERV", "VERVS", "SPRING26"]
# Proportional faces read best; in one of fixed width the hyphens stand apart.
PROPORTIONAL = ["DejaVuSans.ttf", "DejaVuSerif.ttf", "LiberationSans-Regular.ttf", "LiberationSerif-Bold.ttf"]
FIXED = ["DejaVuSansMono.ttf", "LiberationMono-Regular.ttf"]
# The least part of the printed codes that leads to its page. The rest is read as no code, never as another one.
LEADS = {"proportional": 0.9, "fixed": 0.5}
# Pixels on a side: a module of the smallest has 2 to 3.
SIZES = [100, 150, 240, 400, 600]


def code_at(url):
    """The code whose page a URL leads to."""
    answer = call("GET", url)
    if answer.status != 302:
        return None
    return urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["location"]).query)["ref"][0]


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
    wrong, read = [], collections.Counter()

    def use(api, folder):
        codes = []
        for nth, name in enumerate(MENTORS):
            body = {"mentor_id": f"m{nth}", "org_id": "o", "mentor_name": name or None}
            codes.append(call("POST", f"{api}/api/v1/referral-codes", body=body).json["code"])
        for code in codes:
            for kind, faces in {"proportional": PROPORTIONAL, "fixed": FIXED}.items():
                text = recognized(printed(code, random.choice(faces), random.choice([28, 40, 56]), folder))
                led = code_at(f"{api}/r/{urllib.parse.quote(text, safe='')}")
                read[kind, led == code] += 1
                if led not in (None, code):
                    wrong.append(f"{code} printed, {text!r} read: leads to {led}")
        for code in codes[:3]:
            svg, picture = folder / "code.svg", folder / "qr.png"
            svg.write_bytes(call("GET", f"{api}/r/{code}.svg").body)
            for size in SIZES:
                subprocess.run(["rsvg-convert", "-w", str(size), "-b", "white", "-o", picture, svg], check=True)
                for reader, url in scanned(picture).items():
                    led = code_at(url) if url.startswith(api) else None
                    read[reader, led == code] += 1
                    if led != code:
                        wrong.append(f"{reader} reads {url!r} in {size} pixels of {code}")

    with tempfile.TemporaryDirectory() as folder:
        for campaign in CAMPAIGNS:
            settings = {"SHORT_URL_BASE": "http://127.0.0.1:{port}/r", "JOIN_URL_BASE": "https://app.org.no/join"}
            env = os.environ | settings | {"CAMPAIGN": campaign}
            with running(program, "--memory", "--port", "{port}", answers="/openapi.yaml", env=env) as api:
                use(api, pathlib.Path(folder))
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
