# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible loads with the filters: all of them, in every task that names one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import ansible_collections.hyperframes.aws.plugins.filter as filters

LOADED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module("ansible_collections.hyperframes.aws.plugins.filter." + name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_no_filter_loads_the_clients_of_aws() -> None:
    names = sorted(path.stem for path in Path(filters.__path__[0]).glob("[!_]*.py"))
    assert "cloudformation" in names
    command = [sys.executable, "-c", LOADED, *names]
    collections = str(Path(filters.__path__[0]).parents[4])
    ran = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": collections}, check=False)
    assert not ran.returncode, ran.stderr
    loaded = ran.stdout.split()
    assert "ansible_collections" in loaded
    assert {"boto3", "botocore", "s3transfer"}.isdisjoint(loaded)
