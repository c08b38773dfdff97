// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Two of ../../compositions for Remotion: the same text, style sheets, GSAP timelines and canvas, line by line.
import { createElement, Fragment } from "react";
import { Composition, registerRoot } from "remotion";

import { Canvas } from "./canvas.js";
import { Letters } from "./letters.js";

const size = { fps: 30, width: 1920, height: 1080 };
const Root = () =>
  createElement(
    Fragment,
    null,
    createElement(Composition, { id: "letters", component: Letters, durationInFrames: 120, ...size }),
    createElement(Composition, { id: "canvas", component: Canvas, durationInFrames: 300, ...size }),
  );
registerRoot(Root);
