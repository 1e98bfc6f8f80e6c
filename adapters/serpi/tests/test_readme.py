"""What the adapter's README says is true: its settings are all there are."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from sagicc_async import Settings
from sagicc_async_serpi import SerpiSettings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_every_setting_of_its_own_is_explained_and_no_other():
    common = {field.name for field in attrs.fields(Settings)}
    own = {field.name for field in attrs.fields(SerpiSettings)} - common
    assert set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)) == own
