"""The roles that an account may have."""

from typing import Final

ROLES: Final = ("inspector", "crew", "manager", "supervisor", "leader", "admin", "auditor")
