"""The smallest resource file, and what is wrong with another."""

from __future__ import annotations

import pytest

from sagicc_async.declared.problems import DeclarationError
from sagicc_async.declared.reading import read

SMALL = """\
vendor = "acme"
base_url = "https://api.acme.example"
auth = { kind = "header", header = "X-Token" }

[resources.things]
list = "/things"
"""


def problems(text):
    with pytest.raises(DeclarationError) as caught:
        read(text)
    return caught.value.problems
