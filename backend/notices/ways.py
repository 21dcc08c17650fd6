"""The ways out: a signed webhook, and web push. What they carry says that there is something, never what.

The webhook's call bears `Mingcha-Timestamp` (seconds) and `Mingcha-Signature: v1=` with the HMAC-SHA256 of
`<timestamp>.<body>` in hex, so that its receiver knows who called and that the call is of now.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.notices import webpush
from backend.notices.outgoing import Outgoing, Undelivered
from backend.notices.tables import choice, subscription
from backend.settings import Settings, SettingsError
from sync.tables import device

WORDS = Path(__file__).parents[1] / "data" / "notices.json"
GONE: Final = frozenset({404, 410})  # the browser gave its subscription up


@cache
def words(language: str) -> dict[str, str]:
    """The templates in a language."""
    found: dict[str, dict[str, str]] = json.loads(WORDS.read_text("utf-8"))
    return found["en" if language == "en" else "zh-CN"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for people of one language. `link` leads into the app; `n` notices are in it."""

    id: str
    org: str
    kind: str
    language: str
    link: str
    n: int
    people: tuple[str, ...]

    @property
    def text(self) -> str:
        return words(self.language)[self.kind].format(n=self.n)


class Way(Protocol):
    """One way out.

    `outside`: others than its person see that something came. `together`: one message may go to several people.
    `reached` gives those of the people who can be reached at all. `send` returns once the parcel was taken and raises
    Undelivered; called twice with the same parcel it sends the same `id`, by which a receiver knows a repetition.
    """

    @property
    def name(self) -> str: ...
    @property
    def outside(self) -> bool: ...
    @property
    def together(self) -> bool: ...

    async def reached(self, conn: AsyncConnection, org: str, people: Sequence[str]) -> Mapping[str, Any]: ...

    async def send(self, parcel: Parcel, reached: Mapping[str, Any]) -> Sequence[str]:
        """Devices whose subscription has ended, to be forgotten."""
        ...


@dataclass(frozen=True)
class Webhook:
    """Posts to the company's receiver."""

    out: Outgoing
    clock: Callable[[], datetime]
    url: str
    secret: str
    style: str
    name: str = "webhook"
    outside: bool = True
    together: bool = True

    async def reached(self, conn: AsyncConnection, org: str, people: Sequence[str]) -> Mapping[str, str]:
        """Everybody: the receiver may know a person by his id alone."""
        found = await conn.execute(
            sa.select(choice.c.person, choice.c.address).where(
                choice.c.org == org, choice.c.person.in_(people)
            )
        )
        return dict.fromkeys(people, "") | {row.person: row.address for row in found}

    async def send(self, parcel: Parcel, reached: Mapping[str, str]) -> Sequence[str]:
        body = msgspec.json.encode(self.body(parcel, reached))
        at = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Mingcha-Delivery": parcel.id,
            "Mingcha-Timestamp": at,
            "Mingcha-Signature": f"v1={signature(self.secret, at, body)}",
        }
        status, said = await self.out.post(self.url, body, headers)
        if not 200 <= status < 300:
            raise Undelivered(f"http_{status}")
        if self.style == "wecom" and (code := _errcode(said)) != 0:
            raise Undelivered(f"said_{code}")
        return ()

    def body(self, parcel: Parcel, reached: Mapping[str, str]) -> dict[str, Any]:
        said = words(parcel.language)
        if self.style == "wecom":
            called = "".join(f"<@{address}>" for address in reached.values() if address)
            link = (
                "" if parcel.link.startswith("/") else f"[{said['open']}]({parcel.link})"
            )  # no `public_url`
            lines = (f"**{said['title']}**", parcel.text, link, called)
            return {"msgtype": "markdown", "markdown": {"content": "\n".join(filter(None, lines))}}
        return {
            "id": parcel.id,
            "kind": parcel.kind,
            "language": parcel.language,
            "title": said["title"],
            "text": parcel.text,
            "link": parcel.link,
            "n": parcel.n,
            "to": [{"person": person, "address": address} for person, address in reached.items()],
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `<timestamp>.<body>`, in hex."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _errcode(said: bytes) -> int:
    """What a 企业微信 robot answers beside its 200; -1 when it is no such answer."""
    try:
        return int(json.loads(said)["errcode"])
    except (ValueError, KeyError, TypeError):
        return -1


class Browser(msgspec.Struct, frozen=True):
    """A subscription of one device."""

    device: str
    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class Push:
    """Web push to the browsers of one person."""

    out: Outgoing
    clock: Callable[[], datetime]
    key: ec.EllipticCurvePrivateKey
    contact: str
    hosts: Sequence[str]
    name: str = "push"
    outside: bool = False
    together: bool = False

    async def reached(
        self, conn: AsyncConnection, org: str, people: Sequence[str]
    ) -> Mapping[str, list[Browser]]:
        """By person, the browsers of his phones that were not revoked."""
        found = await conn.execute(
            sa.select(subscription)
            .join(device, sa.and_(device.c.org == subscription.c.org, device.c.id == subscription.c.device))
            .where(
                subscription.c.org == org,
                subscription.c.person.in_(people),
                device.c.person == subscription.c.person,
                device.c.revoked_at.is_(None),
            )
        )
        browsers: dict[str, list[Browser]] = {}
        for row in found:
            browsers.setdefault(row.person, []).append(
                Browser(row.device, row.endpoint, row.p256dh, row.auth)
            )
        return browsers

    def knows(self, endpoint: str) -> bool:
        """Whether it is an address at a push service that the company goes along with."""
        host = urlsplit(endpoint).hostname or ""
        return any(host == known or host.endswith(f".{known}") for known in self.hosts)

    async def send(self, parcel: Parcel, reached: Mapping[str, list[Browser]]) -> Sequence[str]:
        """One browser that took it is enough; the rest have failed only when none did."""
        said = words(parcel.language)
        plain = msgspec.json.encode(
            {"id": parcel.id, "title": said["title"], "text": parcel.text, "link": parcel.link}
        )
        ended, failed, taken = [], None, False
        for browser in (each for found in reached.values() for each in found):
            try:
                status = await self._one(browser, plain, parcel.kind)
                if status in GONE:
                    ended.append(browser.device)
                elif 200 <= status < 300:
                    taken = True
                else:
                    failed = Undelivered(f"http_{status}")
            except Undelivered as error:
                failed = error
        if failed is not None and not taken:
            raise failed
        return ended

    async def _one(self, browser: Browser, plain: bytes, kind: str) -> int:
        if not self.knows(browser.endpoint):
            raise Undelivered("refused")
        body = webpush.sealed(
            plain,
            webpush.decode(browser.p256dh),
            webpush.decode(browser.auth),
            secrets.token_bytes(16),
            ec.generate_private_key(ec.SECP256R1()),
            max(0, webpush.PADDED - len(plain)),
        )
        headers = {
            "Authorization": webpush.authorization(browser.endpoint, self.contact, self.key, self.clock()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": "43200",
            "Urgency": "high" if kind in ("job", "deadline") else "normal",
        }
        status, _ = await self.out.post(browser.endpoint, body, headers)
        return status


def ways(settings: Settings, clock: Callable[[], datetime]) -> tuple[Way, ...]:
    """The ways that are set up. SettingsError for one that is set up by half."""
    out = Outgoing(settings.notice_networks, not settings.https, settings.notice_timeout_s)
    made: list[Way] = []
    if settings.notice_webhook_url:
        parts = urlsplit(settings.notice_webhook_url)
        if parts.scheme not in ("https", "http") or (settings.https and parts.scheme != "https"):
            raise SettingsError("notice_webhook_url: must begin with https://")
        if settings.notice_webhook_style == "json" and not settings.notice_webhook_secret:
            raise SettingsError("notice_webhook_secret: missing, the receiver could not tell who calls")
        made.append(
            Webhook(
                out,
                clock,
                settings.notice_webhook_url,
                settings.notice_webhook_secret,
                settings.notice_webhook_style,
            )
        )
    if settings.notice_push_key:
        if not settings.notice_push_contact.startswith(("mailto:", "https://")):
            raise SettingsError("notice_push_contact: missing, push services ask for an address")
        try:
            key = webpush.private_key(settings.notice_push_key)
        except ValueError:
            raise SettingsError("notice_push_key: is no key, `mingcha keys push` makes one") from None
        made.append(Push(out, clock, key, settings.notice_push_contact, settings.notice_push_hosts))
    return tuple(made)
