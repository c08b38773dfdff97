// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// ../../compositions/canvas.html as a component of React.
import { gsap } from "gsap";
import { createElement } from "react";
import { AbsoluteFill } from "remotion";

import { useTimeline } from "./timeline.js";

const animate = () => {
  const pen = document.getElementById("view").getContext("2d");
  const draw = (time) => {
    pen.fillStyle = "#061018";
    pen.fillRect(0, 0, 1920, 1080);
    for (let index = 0; index < 2000; index++) {
      const angle = index * 2.399963 + time * 0.25;
      const radius = 12 * Math.sqrt(index) * (1 + 0.12 * Math.sin(time * 1.3 + index * 0.01));
      pen.fillStyle = `hsl(${(index / 6 + time * 20) % 360} 80% 62%)`;
      pen.beginPath();
      pen.arc(960 + radius * Math.cos(angle), 540 + radius * Math.sin(angle), 3 + (index % 5), 0, 7);
      pen.fill();
    }
  };
  const clock = { time: 0 };
  const timeline = gsap.timeline({ paused: true, onUpdate: () => draw(clock.time) });
  timeline.to(clock, { time: 10, duration: 10, ease: "none" }, 0);
  draw(0);
  return timeline;
};

export const Canvas = () => {
  useTimeline(animate);
  return createElement(
    AbsoluteFill,
    { style: { background: "#061018" } },
    createElement("canvas", { id: "view", width: 1920, height: 1080 }),
  );
};
