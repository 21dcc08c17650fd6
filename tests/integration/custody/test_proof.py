"""The address in a watermark proves that the server holds the photo, to everybody who has it and to nobody else."""

import asyncio
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from backend.clock import new_id
from backend.custody import keys, proof
from tests.conftest import Pair
from tests.integration.custody.conftest import picture
from tests.support.client import Client, signed_in
from tests.support.company import found
from tests.support.server import Server

NOW = datetime(2026, 11, 26, 2, 0, 1, tzinfo=UTC)


def test_only_the_server_s_own_addresses_are_believed() -> None:
    mine, old, other = (keys.made("sign", NOW) for _ in range(3))
    said = proof.Said(new_id(NOW), "ab" * 32, NOW)
    text = proof.token(old, said)
    assert proof.said_by(text, [mine, old]) == said  # a key that was retired since
    assert proof.said_by(text, [mine, other]) is None
    for i in range(len(text)):
        changed = text[:i] + ("A" if text[i] != "A" else "B") + text[i + 1 :]
        assert proof.said_by(changed, [mine, old]) is None
    for wrong in ("", "x", text[:-1], text + "A", text + "=", "ä" * 92, secrets.token_urlsafe(69)):
        assert proof.said_by(wrong, [mine, old]) is None


def test_the_code_is_a_square_of_dark_and_light() -> None:
    rows = proof.code("https://mingcha.example/verify/" + "x" * 92)
    assert {len(row) for row in rows} == {len(rows)}
    assert set("".join(rows)) == {"0", "1"}
    assert rows[0].startswith("1111111")  # the finder in the corner


@pytest.fixture(scope="module")
def server(shared_pair: Pair) -> Iterator[Server]:
    made = shared_pair.server().prepare()
    asyncio.run(found(made.env))
    made.start()
    try:
        yield made
    finally:
        made.kill()


def test_who_sees_the_photo_is_given_an_address_that_everybody_can_ask(server: Server) -> None:
    content = picture(1)
    with signed_in(server.url, "inspector") as inspector, signed_in(server.url, "crew") as stranger:
        sha256 = inspector.upload(content)
        answer = inspector.http.get(f"/api/v1/photos/{sha256}/proof")
        assert answer.status_code == 200, answer.text
        refused = stranger.http.get(f"/api/v1/photos/{sha256}/proof")
        assert (refused.status_code, refused.json()["code"]) == (404, "photo_unknown")
    path, code = answer.json()["path"], answer.json()["code"]
    assert code == proof.code(server.url + path)
    with Client(server.url) as nobody:
        told = nobody.http.get(f"/api/v1{path}")
        assert told.status_code == 200, told.text
        assert {name: told.json()[name] for name in ("sha256", "size", "signed")} == {
            "sha256": sha256,
            "size": len(content),
            "signed": False,
        }
        assert set(told.json()) == {"sha256", "size", "signed", "received_at"}  # nothing of the record
        for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), "/verify/x", f"/verify/{sha256}"):
            unknown = nobody.http.get(f"/api/v1{wrong}")
            assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
