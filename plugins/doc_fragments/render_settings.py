# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The settings of a render as options of a module."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the settings that the handler's C(RenderConfig) has."""

    DOCUMENTATION = r"""
options:
  fps:
    description:
      - Frames a second, from 1 to 120, as a number or a ratio. V(29.97) and its kin mean the exact ratio
        (V(30000/1001)).
      - 30 when it is not given.
    type: str
  format:
    description:
      - Format of the output. V(mp4) when it is not given.
      - V(png-sequence) gives a C(.tar.gz) of numbered pictures, V(png) a single still (see O(frame)).
    type: str
    choices: [mp4, mov, webm, png-sequence, gif, png]
  codec:
    description: Video codec of O(format=mp4). V(h264) when it is not given.
    type: str
    choices: [h264, h265]
  quality:
    description: Speed and quality of the encoder. V(standard) when it is not given.
    type: str
    choices: [draft, standard, high]
  crf:
    description: Constant rate factor of the encoder, from 0 (best) to 51. Excludes O(bitrate).
    type: int
  bitrate:
    description: Average bit rate, such as V(10M) or V(5000k). Excludes O(crf).
    type: str
  width:
    description: Wished width in pixels; even, from 16 to 7680. The composition's own size rules.
    type: int
  height:
    description: Wished height in pixels; even, from 16 to 7680. The composition's own size rules.
    type: int
  output_resolution:
    description: Size that the composition is scaled to. It must have the composition's shape.
    type: str
    choices: [landscape, portrait, square, landscape-4k, portrait-4k, square-4k]
  video_frame_format:
    description: Format of the frames that are taken from videos of the composition.
    type: str
    choices: [auto, jpg, png]
  chunk_size:
    description:
      - Frames a chunk, from 1 to 3600. Derived from O(max_parallel_chunks) or O(chunking) when it is not given.
    type: int
  target_chunk_frames:
    description: Frames that a chunk should have about, from 1 to 3600; sets the number of chunks.
    type: int
  max_parallel_chunks:
    description:
      - How many chunks a render has at most; all of them run at the same time. From 1 to 1000; 16 when a size is given
        without it. Alone, it is how many chunks there are, of 10 frames at least.
      - More than the function's reserved concurrency gives a warning, because chunks then wait for each other.
    type: int
  chunking:
    description:
      - What the planner divides a render for, where neither O(chunk_size) nor O(target_chunk_frames) is given.
        O(max_parallel_chunks) bounds the number of chunks that it finds.
      - V(balanced), which it does when none of these is given, lets a worker draw for as long as it takes to start, so
        that time and price together are least. V(fastest) adds chunks while they shorten the render. V(cheapest) has as
        few as a worker's time limit allows.
    type: str
    choices: [fastest, balanced, cheapest]
  hdr_mode:
    description: What to do about HDR sources. Output is always SDR.
    type: str
    choices: [auto, force-sdr]
  cfr:
    description: Encode once more when assembling, so that the average frame rate is exact. MP4 with H.264 only.
    type: bool
  reject_on_system_fonts:
    description: Whether text that depends on a font of the rendering machine is an error, as it is when not given.
    type: bool
  entry_file:
    description: The composition's file, relative to O(project). V(index.html) when it is not given.
    type: str
  frame:
    description: Number of the frame of a still, from 0. O(format=png) only.
    type: int
  variables:
    description: Values of the composition's variables.
    type: dict
"""
