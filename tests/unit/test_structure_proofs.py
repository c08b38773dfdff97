# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of tests/README.md name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "A": "tests/unit/plugins/action",
    "C": "tests/compositions",
    "F": "tests/faults",
    "H": "tests/unit/handler",
    "I": "tests/integration",
    "L": "extensions/molecule",
    "M": "tests/unit/plugins/module_utils",
    "P": "tests/integration/provision",
    "U": "tests/unit/plugins/plugin_utils",
}


def test_every_proof_exists() -> None:
    text = (ROOT / "tests" / "README.md").read_text()
    proofs = re.findall(r"`((?:[A-Z]|tests)/[^`\s]+)`", text.partition("| what |")[2])
    assert len(proofs) > 100
    for proof in proofs:
        place, _slash, rest = proof.partition("/")
        file, _colons, test = rest.partition("::")
        path = ROOT / PLACES.get(place, place) / file
        assert path.exists(), proof
        if test:
            assert f"def {test}(" in path.read_text(), proof
        else:
            assert (path / "molecule.yml").is_file(), proof
