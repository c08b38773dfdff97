# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""README's commands for AWS, word for word, from the tarball in an empty environment, against the AWS of the tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from conformance.ffmpeg import open_media, run

pytestmark = [pytest.mark.aws, pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("aws")]

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>
body { margin: 0; background: #f00 } #root { width: 320px; height: 180px }
</style></head><body><div id="root" data-composition-id="main" data-width="320" data-height="180" data-start="0"
data-duration="1" data-no-timeline></div></body></html>
"""
KEPT = ("LANG", "LC_ALL", "PIP_CERT", "PIP_FIND_LINKS", "PIP_DEFAULT_TIMEOUT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
"""Of the environment of the tests: its language, and how pip reaches its index here."""


def block(heading: str) -> str:
    """The commands below a heading of the README."""
    section = (REPOSITORY / "README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^```bash\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, aws_environment: dict[str, str]) -> tuple[Path, dict[str, str]]:
    """An empty folder with the tarball and a composition, and an environment of its own with an empty home."""
    tmp_path = tmp_path_factory.mktemp("newcomer")
    folder, home = tmp_path / "desk", tmp_path / "home"
    for path in (folder / "my-film", home / ".aws"):
        path.mkdir(parents=True)
    (folder / "my-film" / "index.html").write_text(PAGE)
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, checkout], check=True)
    changed = subprocess.run(
        ["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"],
        cwd=REPOSITORY, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, changed.split("\0")):
        if (REPOSITORY / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, checkout / name)
    galaxy = Path(sys.executable).parent / "ansible-galaxy"
    subprocess.run([galaxy, "collection", "build", "--output-path", folder, checkout], check=True, capture_output=True)
    keys = {name.lower(): value for name, value in aws_environment.items() if "KEY" in name or "TOKEN" in name}
    profile = "".join(f"{name} = {value}\n" for name, value in keys.items())
    (home / ".aws" / "credentials").write_text(f"[me]\n{profile}")
    venv.create(tmp_path / "python", with_pip=True)
    # Only the packages that a build fetches: they are checked by digest again.
    cache = tmp_path / "cache" / "hyperframes.aws"
    cache.mkdir(parents=True)
    (cache / "packages").symlink_to(REPOSITORY / ".cache" / "handler")
    npm = Path(shutil.which("npm") or "/usr/bin/npm").parent
    environment = {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "HOME": str(home),
        "PATH": f"{tmp_path / 'python' / 'bin'}:{npm}:/usr/bin:/bin",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "AWS_ENDPOINT_URL": aws_environment["AWS_ENDPOINT_URL"],
        "TMPDIR": str(tmp_path),
    }
    return folder, environment


def test_a_machine_without_what_a_build_needs_is_told_before_anything_is_made(desk, aws_client):
    folder, environment = desk
    lines = [
        line for line in block("On AWS").splitlines() if not line.startswith("ansible-playbook hyperframes.aws.render")
    ]
    script = "\n".join(lines).replace(" zstandard", "")
    buckets = {bucket["Name"] for bucket in aws_client("s3").list_buckets()["Buckets"]}
    more = {
        "PATH": environment["PATH"].split(":")[0] + ":" + str(_without_npm(folder.parent)),
        "AWS_REGION": "eu-west-3",
    }
    script = script.replace("AWS_REGION=eu-central-1", "AWS_REGION=eu-west-3")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, env=environment | more, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    for words in ("this machine lacks", "-m pip install zstandard", "npm and node on PATH"):
        assert words in done.stdout, done.stdout[-3000:]
    assert {bucket["Name"] for bucket in aws_client("s3").list_buckets()["Buckets"]} == buckets


def test_the_commands_for_aws_lead_to_a_video(desk, aws_environment):
    folder, environment = desk
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block("On AWS")],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert sorted(path.name for path in folder.iterdir()) == ["hyperframes-aws-0.1.0.tar.gz", "my-film", "my-film.mp4"]
    video = folder / "my-film.mp4"
    media = open_media(video, Fraction(30))
    assert (media.width, media.height, media.frames) == (320, 180, 30)
    raw = run("-i", str(video), "-f", "rawvideo", "-pix_fmt", "rgb24", "-").stdout
    pixels = np.frombuffer(raw, np.uint8).reshape(30, -1, 3)
    assert np.allclose(pixels.mean(axis=1), (255, 0, 0), atol=4), "every frame is red"
    installed = Path(environment["HOME"], ".ansible/collections/ansible_collections/hyperframes/aws")
    assert not (installed / "build").exists()
    assert not (installed / ".cache").exists()
    assert (folder.parent / "cache/hyperframes.aws/handler.zip").is_file()


def _without_npm(folder: Path) -> Path:
    """A folder of the programs that a shell and Ansible need."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("bash", "sh", "env", "rm", "mkdir", "cat", "chmod", "echo", "sleep", "uname", "ls", "id", "locale"):
        found = shutil.which(name, path="/usr/bin:/bin")
        if found:
            (programs / name).symlink_to(found)
    return programs
