// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// When videos that nothing gives a start are visible: the scene around each is watched along the root's timeline. A
// function of ({ids}); answers {id: [first, last]} in seconds.
({ ids }) => {
  const duration = window.__hf.duration;
  const root = document.querySelector("[data-composition-id]")?.getAttribute("data-composition-id");
  const timeline = (window.__timelines || {})[root];
  if (!timeline) return {};
  const STEP = 0.1;
  const PRECISION = 1 / 60;
  const seek = (time) => (typeof timeline.totalTime === "function" ? timeline.totalTime(time, true) : timeline.seek?.(time, true));
  const scenes = ids
    .map((id) => [id, window.__hfMediaEl?.(id) ?? document.getElementById(id)])
    .filter(([, video]) => video)
    .map(([id, video]) => ({ id, element: video.closest(".scene") || video, first: null, last: null }));
  const shown = (scene) => Number.parseFloat(getComputedStyle(scene.element).opacity) > 0;
  for (let time = 0; time <= duration; time += STEP) {
    seek(time);
    for (const scene of scenes) {
      if (shown(scene)) {
        scene.first ??= time;
        scene.last = time;
      }
    }
  }
  const found = {};
  for (const scene of scenes.filter((item) => item.first !== null)) {
    let [hidden, visible] = [Math.max(0, scene.first - STEP), scene.first];
    while (visible - hidden > PRECISION) {
      const middle = (hidden + visible) / 2;
      seek(middle);
      if (shown(scene)) visible = middle;
      else hidden = middle;
    }
    let [still, gone] = [scene.last, Math.min(duration, scene.last + STEP)];
    while (gone - still > PRECISION) {
      const middle = (still + gone) / 2;
      seek(middle);
      if (shown(scene)) still = middle;
      else gone = middle;
    }
    if (still > visible) found[scene.id] = [visible, still];
  }
  seek(0);
  return found;
}
