// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Loudness of media over time, as the page's timelines set it. A function of
// ({clips: [{id, start, end, volume}], step, maxGain}), a null end meaning that of the page; answers {id: [[seconds, factor], ...]} for clips that change.
({ clips, step, maxGain }) => {
  const timelines = window.__timelines || {};
  const rootId = document.querySelector("[data-composition-id]")?.getAttribute("data-composition-id");
  const seekOne = (timeline, time) => {
    if (typeof timeline?.totalTime === "function") timeline.totalTime(time, true);
    else if (typeof timeline?.seek === "function") timeline.seek(time, true);
  };
  const startOf = (id) => {
    let start = 0;
    for (let element = document.querySelector(`[data-composition-id="${CSS.escape(id)}"]`); element; element = element.parentElement) {
      if (element.hasAttribute("data-composition-file")) start += Number.parseFloat(element.dataset.start) || 0;
    }
    return start;
  };
  const others = Object.keys(timelines)
    .filter((id) => id !== rootId)
    .map((id) => ({ timeline: timelines[id], start: startOf(id) }));
  const seek = (time) => {
    seekOne(timelines[rootId], time);
    for (const { timeline, start } of others) {
      const length = typeof timeline?.totalDuration === "function" ? timeline.totalDuration() : Infinity;
      seekOne(timeline, Math.min(Math.max(0, time - start), length));
    }
  };
  const clamp = (value) => (Number.isFinite(value) ? Math.min(Math.max(value, 0), maxGain) : null);

  const native = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume");
  const found = {};
  for (const { id, start, end: authoredEnd, volume } of clips) {
    const end = Math.min(authoredEnd ?? Infinity, window.__hf.duration);
    const element = window.__hfMediaEl?.(id) ?? document.getElementById(id);
    if (!(element instanceof HTMLMediaElement)) continue;
    // An element's volume ends at 1; timelines may ask for more, so what they set is caught before that.
    let asked = volume;
    Object.defineProperty(element, "volume", {
      configurable: true,
      get: () => asked,
      set: (value) => {
        asked = Number(value);
      },
    });
    try {
      const points = [];
      let last = null;
      for (let index = 0; ; index += 1) {
        const time = Math.min(start + index * step, end);
        seek(time);
        const value = clamp(asked);
        if (value !== null) {
          const point = [Number((time - start).toFixed(6)), Number(value.toFixed(6))];
          const previous = points[points.length - 1];
          if (!previous || Math.abs(previous[1] - point[1]) > 1e-4) {
            if (previous && last && last[0] > previous[0]) points.push(last); // a flat stretch stays flat
            points.push(point);
          }
          last = point;
        }
        if (time >= end) break;
      }
      if (points.some(([, value]) => Math.abs(value - volume) > 1e-4)) found[id] = points;
    } finally {
      delete element.volume;
      native.set.call(element, Math.min(1, Math.max(0, volume)));
    }
  }
  seek(0);
  return found;
}
