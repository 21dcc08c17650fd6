"""Two servers, one of them with a secret visit, are told apart by nobody whom it concerns."""

import pytest

pytest.register_assert_rewrite("tests.integration.secrecy.promise")
