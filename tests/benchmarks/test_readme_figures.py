"""The figures in the README are measured ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["README.md", "README.es.md", "README.pt.md"])
def test_the_figures_in_the_readme_are_those_of_the_latest_results(benchmark_module, name):
    readme, text = benchmark_module("readme"), (ROOT / name).read_text(encoding="utf-8")
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))

    assert name in readme.READMES
    assert readme.filled(text, list(readme.figures(results))) == text, "python -m benchmarks.readme fills them in"
