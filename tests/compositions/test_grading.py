# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour grading that a page declares, by a look-up table, as the page runtime does it."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from .adapters import Composition

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SWAPPED = "LUT_3D_SIZE 2\n" + "".join(
    f"{blue} {green} {red}\n" for blue in (0, 1) for green in (0, 1) for red in (0, 1)
)
"""Red and blue change places."""

GRADES = {
    "plain": {},
    "swapped": {"lut": {"src": "look.cube", "intensity": 1}},
}


def test_a_grade_is_in_the_picture(planned, tmp_path):
    """In two frames: in software, the page runtime's shader takes seconds to compile."""
    page = Composition(
        "".join(
            f'<img id="{name}" class="clip" src="photo.png" data-start="0" data-duration="2" '
            f'style="left:{60 * number}px"' + (f" data-color-grading='{json.dumps(grade)}'>" if grade else ">")
            for number, (name, grade) in enumerate(GRADES.items())
        ),
        style="img { position: absolute; top: 10px; width: 50px; height: 40px }",
        files={"look.cube": SWAPPED},
    )
    project = page.write(tmp_path / "project")
    Image.new("RGB", (50, 40), (200, 40, 60)).save(project / "photo.png")
    frames = planned(project, fps=1).frames(tmp_path / "frames")
    assert frames[0] == frames[1]
    picture = Image.open(io.BytesIO(frames[1])).convert("RGBA")
    plain, swapped = (picture.getpixel((60 * number + 25, 30)) for number in range(2))
    assert plain == (200, 40, 60, 255)
    assert swapped == pytest.approx((60, 40, 200, 255), abs=3)
