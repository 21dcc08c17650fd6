"""The same requests get the same answers from us and from tusd, the protocol's reference server.

The same is: the same status, and every header of the protocol that tusd sends, with its value; we may say more. Where
the two differ, DIFFERENT says so; docs/media.md lists the same with the reasons. A difference that is there no more is
taken from the list: the test asks for it.
"""

import asyncio
import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx
import pytest

from tests.conftest import Pair
from tests.support.client import signed_in
from tests.support.company import found
from tests.support.server import ROOT
from tests.support.tusd import Tusd

pytestmark = pytest.mark.timeout(1200)  # the first run may have to build tusd

BODY = "application/offset+octet-stream"
LARGEST = 64 * 2**20
SAID = ("Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Metadata", "Cache-Control", "Tus-Version")

VERSION = "Tus-Resumable: 1.0.0"
MADE = f"201; {VERSION}; Location"

#: step -> (what tusd answers, what we answer); the reason stands in docs/media.md beside the same words
DIFFERENT = {
    "options": (f"200; {VERSION}; Tus-Version: 1.0.0", f"204; {VERSION}; Tus-Version: 1.0.0"),
    "options of an upload": (f"200; {VERSION}; Tus-Version: 1.0.0", f"204; {VERSION}; Tus-Version: 1.0.0"),
    "create with a length of 0": (MADE, f"422; {VERSION}"),
    "create with a length to be told later": (MADE, f"400; {VERSION}"),
    "create with metadata that is no base64": (MADE, f"400; {VERSION}"),
    "create with bytes of another type": (MADE, f"415; {VERSION}"),
    "head without a version": (
        f"200; {VERSION}; Upload-Offset: 0; Upload-Length: 3000; Upload-Metadata; Cache-Control: no-store",
        f"412; {VERSION}; Cache-Control: no-store",
    ),
    "get of an unfinished upload": (f"200; {VERSION}", f"405; {VERSION}"),
    "patch of another type": (f"400; {VERSION}", f"415; {VERSION}"),
}


@dataclass
class Script:
    """Runs the steps against one server and notes each answer in a form that can be compared."""

    http: httpx.Client
    url: str
    answers: dict[str, list[str]] = field(default_factory=dict)

    def ask(
        self,
        step: str,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> httpx.Response:
        given = {"Tus-Resumable": "1.0.0", **(headers or {})}
        answer = self.http.request(method, url, headers={k: v for k, v in given.items() if v}, content=body)
        said = [f"{name}: {_sorted(answer.headers[name])}" for name in SAID if name in answer.headers]
        said += ["Location"] if "Location" in answer.headers else []
        self.answers[step] = [str(answer.status_code), *said]
        return answer

    def begun(self, step: str, content: bytes, **more: str) -> str:
        made = self.ask(step, "POST", self.url, {**creation(content), **more})
        return str(made.url.join(made.headers["Location"])) if made.is_success else ""

    def patch(self, step: str, url: str, at: int, piece: bytes, **more: str) -> httpx.Response:
        return self.ask(step, "PATCH", url, {"Upload-Offset": str(at), "Content-Type": BODY, **more}, piece)


def _sorted(value: str) -> str:
    """Metadata are pairs in any order: tusd says them in another one each time."""
    return ",".join(sorted(value.split(",")))


def creation(content: bytes) -> dict[str, str]:
    pairs = {"name": "DSC_0001.JPG", "sha256": hashlib.sha256(content).hexdigest(), "type": "image/jpeg"}
    text = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return {"Upload-Length": str(len(content)), "Upload-Metadata": text}


def photo(mark: str, size: int = 3000) -> bytes:
    """The same for both servers."""
    seed = hashlib.sha256(mark.encode()).digest()
    return b"\xff\xd8\xff\xe0" + (seed * (size // len(seed) + 1))[: size - 4]


def play(script: Script) -> dict[str, list[str]]:
    """All steps, in order."""
    ask, url = script.ask, script.url
    ask("options", "OPTIONS", url)
    first = photo("first")
    for name, change in {
        "create without a version": {"Tus-Resumable": ""},
        "create with version 0.2.2": {"Tus-Resumable": "0.2.2"},
        "create without a length": {"Upload-Length": ""},
        "create with a negative length": {"Upload-Length": "-5"},
        "create with a length that is no number": {"Upload-Length": "many"},
        "create with too large a length": {"Upload-Length": str(LARGEST + 1)},
        "create with a length of 0": {"Upload-Length": "0"},
        "create with a length to be told later": {"Upload-Length": "", "Upload-Defer-Length": "1"},
        "create with metadata that is no base64": {"Upload-Metadata": "sha256 !!!"},
    }.items():
        ask(name, "POST", url, {**creation(first), **change})
    at = script.begun("create", first)
    ask("options of an upload", "OPTIONS", at)
    ask("head of a fresh upload", "HEAD", at)
    ask("head without a version", "HEAD", at, {"Tus-Resumable": ""})
    ask("get of an unfinished upload", "GET", at)
    script.patch("patch without a version", at, 0, first[:1000], **{"Tus-Resumable": ""})
    script.patch("patch without an offset", at, 0, first[:1000], **{"Upload-Offset": ""})
    script.patch("patch with a negative offset", at, -1, first[:1000])
    script.patch("patch with an offset that is no number", at, 0, first[:1000], **{"Upload-Offset": "x"})
    script.patch("patch of another type", at, 0, first[:1000], **{"Content-Type": "image/jpeg"})
    script.patch("patch", at, 0, first[:1000])
    script.patch("patch with too small an offset", at, 999, first[999:])
    script.patch("patch with too large an offset", at, 1001, first[1001:])
    script.patch("patch of no bytes", at, 1000, b"")
    script.patch("patch beyond the length", at, 1000, first[1000:] + b"!")
    ask("head after a part", "HEAD", at)
    override = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "1000", "Content-Type": BODY}
    ask("patch as a post", "POST", at, override, first[1000:2000])
    script.patch("patch of the rest", at, 2000, first[2000:])
    ask("head of the whole", "HEAD", at)
    script.patch("patch of nothing at the end", at, 3000, b"")
    script.patch("patch into the whole", at, 0, first)
    whole = photo("whole")
    ask("create with all bytes", "POST", url, {**creation(whole), "Content-Type": BODY}, whole)
    part = photo("part")
    made = ask("create with first bytes", "POST", url, {**creation(part), "Content-Type": BODY}, part[:700])
    script.patch("patch after first bytes", str(made.url.join(made.headers["Location"])), 700, part[700:])
    typed = photo("typed")
    ask(
        "create with bytes of another type",
        "POST",
        url,
        {**creation(typed), "Content-Type": "image/jpeg"},
        typed,
    )
    over = photo("over")
    ask(
        "create with more bytes than told", "POST", url, {**creation(over), "Content-Type": BODY}, over + b"!"
    )
    ended = script.begun("create another", photo("ended"))
    ask("delete without a version", "DELETE", ended, {"Tus-Resumable": ""})
    ask("delete", "DELETE", ended)
    ask("head of a deleted upload", "HEAD", ended)
    script.patch("patch of a deleted upload", ended, 0, photo("ended"))
    ask("delete of a deleted upload", "DELETE", ended)
    ended = script.begun("create a third", photo("third"))
    ask("delete as a post", "POST", ended, {"X-HTTP-Method-Override": "DELETE"})
    ask("head of what was deleted as a post", "HEAD", ended)
    unknown = f"{url.rstrip('/')}/0193b8a0000070008000000000000001"
    ask("head of an unknown upload", "HEAD", unknown)
    script.patch("patch of an unknown upload", unknown, 0, b"1")
    ask("delete of an unknown upload", "DELETE", unknown)
    return script.answers


@pytest.fixture(scope="module")
def reference() -> Iterator[dict[str, list[str]]]:
    server = Tusd(LARGEST)
    try:
        server.start()
        with httpx.Client(timeout=30) as http:
            yield play(Script(http, server.url))
    finally:
        server.stop()


@pytest.fixture(scope="module")
def ours(shared_pair: Pair) -> Iterator[dict[str, list[str]]]:
    server = shared_pair.server().prepare()
    asyncio.run(found(server.env))
    server.start()
    try:
        with signed_in(server.url, "inspector") as client:
            yield play(Script(client.http, f"{server.url}/api/v1/uploads"))
    finally:
        server.kill()


def test_the_same_requests_get_the_same_answers(
    reference: dict[str, list[str]], ours: dict[str, list[str]]
) -> None:
    found = {
        step: (_short(answer), _short(said for said in ours[step] if _concerns(said, answer)))
        for step, answer in reference.items()
        if not set(answer) <= set(ours[step])
    }
    assert found == DIFFERENT


def test_the_list_of_differences_is_the_documented_one() -> None:
    page = (ROOT / "docs" / "media.md").read_text("utf-8")
    assert [step for step in DIFFERENT if f"| {step} |" not in page] == []


def _short(answer: Iterable[str]) -> str:
    return "; ".join("Upload-Metadata" if said.startswith("Upload-Metadata") else said for said in answer)


def _concerns(said: str, answer: list[str]) -> bool:
    """The status, and headers that the other one sends too."""
    return said.isdigit() or said.split(":")[0] in {other.split(":")[0] for other in answer}
