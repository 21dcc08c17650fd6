"""Web push as the RFCs have it, and the guard on what goes out."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from backend.notices.outgoing import Outgoing, Undelivered
from backend.notices.ways import Webhook, signature, ways
from backend.notices.webpush import (
    authorization,
    decode,
    encode,
    new_private_key,
    private_key,
    public_bytes,
    sealed,
)
from backend.settings import Settings, SettingsError

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def test_a_message_is_encrypted_as_in_the_example_of_rfc_8291() -> None:
    made = sealed(
        b"When I grow up, I want to be a watermelon",
        decode("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        decode("BTBZMqHH6r4Tts7J_aSIgg"),
        decode("DGv6ra1nlYgDCS1FRnbzlw"),
        private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert encode(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6P"
        "Bru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_sender_s_word_is_signed_for_the_push_service_and_ends() -> None:
    key = private_key(new_private_key())
    text = authorization("https://push.example:8443/x?y=z", "mailto:it@example.com", key, NOW)
    token, public = text.removeprefix("vapid t=").split(", k=")
    assert decode(public) == public_bytes(key)
    head, claims, signed = token.split(".")
    assert json.loads(decode(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(decode(claims)) == {
        "aud": "https://push.example:8443",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "mailto:it@example.com",
    }
    raw = decode(signed)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", base64.b64encode(b"x" * 33).decode()])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        private_key(text)


def test_the_worked_example_of_the_docs() -> None:
    assert signature("example-secret", "1795680000", b'{"text":"hello"}') == (
        "78fc0b34ffed44cf738fb85e7d36ad18fc87ec893a4a3f4d8abdeb1da364f99e"
    )


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a01:203",
        "2002:7f00:1::",
    ],
)
def test_nothing_goes_into_the_own_machine_or_network(address: str) -> None:
    assert not Outgoing().allows(address)


def test_public_addresses_and_those_that_were_named_may_be_reached() -> None:
    assert Outgoing().allows("120.232.65.1")
    assert Outgoing(("10.0.0.0/8",)).allows("10.1.2.3")
    assert Outgoing(("10.0.0.0/8",)).allows("::ffff:10.1.2.3")
    assert not Outgoing(("10.0.0.0/8",)).allows("127.0.0.1")


@pytest.mark.parametrize(
    ("url", "networks", "plain", "code"),
    [
        ("http://127.0.0.1:9/", ("127.0.0.0/8",), False, "refused"),
        ("https://127.0.0.1:9/", (), True, "refused"),
        ("ftp://127.0.0.1:9/", ("127.0.0.0/8",), True, "refused"),
        ("https://localhost:9/", (), False, "refused"),
        ("https://2130706433:9/", (), False, "refused"),
        ("https://0x7f.1:9/", (), False, "refused"),
        ("https://[::1]:9/", (), False, "refused"),
        ("http://127.0.0.1:9/", ("127.0.0.0/8",), True, "unreachable"),
        (f"http://{'a' * 70}.example/", (), True, "unreachable"),
    ],
)
async def test_what_does_not_go_out_says_so_by_a_code(
    url: str, networks: tuple[str, ...], plain: bool, code: str
) -> None:
    with pytest.raises(Undelivered) as refused:
        await Outgoing(networks, plain, 5).post(url, b"", {})
    assert refused.value.code == code


def test_a_way_that_is_set_up_by_half_stops_the_start() -> None:
    url = "https://gateway.example/hook"
    assert ways(Settings(), lambda: NOW) == ()
    for settings, named in (
        (Settings(notice_webhook_url=url), "notice_webhook_secret"),
        (Settings(notice_webhook_url="ftp://x", notice_webhook_secret="s"), "notice_webhook_url"),
        (
            Settings(
                notice_webhook_url="http://x", notice_webhook_secret="s", public_url="https://m.example"
            ),
            "notice_webhook_url",
        ),
        (Settings(notice_push_key=new_private_key()), "notice_push_contact"),
        (Settings(notice_push_key="x", notice_push_contact="mailto:a@b"), "notice_push_key"),
    ):
        with pytest.raises(SettingsError, match=named):
            ways(settings, lambda: NOW)
    made = ways(Settings(notice_webhook_url=url, notice_webhook_style="wecom"), lambda: NOW)
    assert [type(each) for each in made] == [Webhook]
