"""Small companies for tests of the platform: every role, two stations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from backend.access import accounts
from backend.app import build
from backend.settings import load
from sync import store
from sync.push import Op

from .client import PASSWORD, uuid7
from .passwords import CHEAP

ROLES = ("inspector", "crew", "manager", "supervisor", "leader", "admin", "auditor")


@dataclass
class Company:
    """Ids by name. Logins are the roles' names, crew and manager work in the first station."""

    org: str = field(default_factory=uuid7)
    county: str = field(default_factory=uuid7)
    stations: tuple[str, str] = field(default_factory=lambda: (uuid7(), uuid7()))
    people: dict[str, str] = field(default_factory=dict)


async def found(env: Mapping[str, str], *, prefix: str = "") -> Company:
    """Make a company in the (migrated) database that `env` names."""
    company = Company()
    parts = build(load(env))
    now = datetime.now(UTC)
    bodies = [
        ("unit", company.county, {"name": "县公司", "level": "county", "area": "urban"}),
        *(
            ("unit", id_, {"name": name, "level": "station", "area": "rural", "parent": company.county})
            for id_, name in zip(company.stations, ("甲供电所", "乙供电所"), strict=True)
        ),
    ]
    for login, role in [(role, role) for role in ROLES] + [("crew2", "crew")]:
        unit = company.county
        if role in ("crew", "manager"):
            unit = company.stations[1 if login == "crew2" else 0]
        company.people[login] = id_ = uuid7()
        bodies.append(("person", id_, {"name": login, "unit": unit, "post": role, "roles": [role]}))
    try:
        async with parts.db.write() as conn:
            await store.create_org(conn, company.org)
            ops = [Op(op="put", kind=kind, id=id_, at=now, data=data) for kind, id_, data in bodies]
            results = await parts.engine.write(conn, company.org, uuid7(), now, ops, "test")
            assert all(r.status == "applied" for r in results), results
            for login, id_ in company.people.items():
                await accounts.create(
                    conn,
                    now,
                    org=company.org,
                    person=id_,
                    login=prefix + login,
                    password_hash=CHEAP.hash(PASSWORD),
                    roles=["crew" if login == "crew2" else login],
                )
    finally:
        parts.passwords.close()
        await parts.db.close()
    return company
