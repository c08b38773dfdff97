// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// How Remotion drives GSAP: a paused timeline, moved to the frame's time before the browser paints.
import { useLayoutEffect, useRef } from "react";
import { useCurrentFrame, useVideoConfig } from "remotion";

export const useTimeline = (make) => {
  const frame = useCurrentFrame();
  const { fps } = useVideoConfig();
  const timeline = useRef(null);
  useLayoutEffect(() => {
    timeline.current = make();
    return () => timeline.current.kill();
  }, []);
  useLayoutEffect(() => {
    timeline.current.seek(frame / fps, false); // false: calls onUpdate, which draws the canvas
  }, [frame, fps]);
};
