// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// ../../compositions/letters.html as a component of React.
import inter from "@fontsource/inter/files/inter-latin-700-normal.woff2";
import { gsap } from "gsap";
import { createElement, useEffect, useState } from "react";
import { AbsoluteFill, cancelRender, continueRender, delayRender } from "remotion";

import { useTimeline } from "./timeline.js";

// The first rule is what HyperFrames, and so this renderer, gives every page: without it text stands a pixel elsewhere.
const style = `
      #text { text-rendering: geometricPrecision; }
      #text { position: absolute; inset: 60px; display: flex; flex-wrap: wrap; align-content: center; gap: 0 6px; }
      #text span { font-family: "Inter", sans-serif; font-weight: 700; font-size: 104px; line-height: 1.12; color: #f3f1ea; opacity: 0; }
`;
const words = "every frame is a page that was asked to hold still for a moment while somebody drew it again";

const animate = () => {
  const timeline = gsap.timeline({ paused: true });
  timeline.fromTo("#text span", { y: -260, opacity: 0 }, { y: 0, opacity: 1, duration: 0.6, stagger: 0.02, ease: "back.out(1.6)" }, 0);
  timeline.to("#text span", { rotation: 360, color: "#ffb31a", duration: 0.8, stagger: 0.012, ease: "power2.inOut" }, 2);
  return timeline;
};

const useInter = () => {
  const [waiting] = useState(() => delayRender("Inter"));
  useEffect(() => {
    const font = new FontFace("Inter", `url(${inter})`, { weight: "700" });
    font.load().then(() => {
      document.fonts.add(font);
      continueRender(waiting);
    }, cancelRender);
  }, [waiting]);
};

export const Letters = () => {
  useInter();
  useTimeline(animate);
  const glyphs = Array.from(words, (glyph, index) =>
    createElement("span", { key: index }, glyph === " " ? "\u00a0\u00a0" : glyph),
  );
  return createElement(
    AbsoluteFill,
    { style: { background: "#0b0d14" } },
    createElement("style", null, style),
    createElement("div", { id: "text" }, glyphs),
  );
};
