// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs before </body>, when the page runtime has been evaluated and has not started yet: tells it the frame grid, then
// completes window.__hf, the protocol by which a capture session drives the page:
//
//   __hf.duration       seconds; 0 for as long as the page is not ready
//   __hf.seek(seconds)  shows that moment: the player's timelines, then virtual time, here and in same-origin frames
(() => {
  "use strict";
  const settings = window.__hyperframesCaptureSettings;
  const clock = window.__HF_VIRTUAL_TIME__;
  window.__HF_EXPORT_RENDER_SEEK_CONFIG = {
    mode: "preview-phase",
    diagnostics: false,
    step: 1 / 120,
    offsetFraction: 0.5,
    fps: settings.fps,
    fpsSource: "render-options",
    owner: "runtime",
  };

  function declaredDuration() {
    const root = document.querySelector("[data-composition-id]");
    const declared = Number(root?.getAttribute("data-duration"));
    if (Number.isFinite(declared) && declared > 0) return declared;
    let end = 0;
    for (const host of document.querySelectorAll("[data-composition-src]")) {
      const duration = Number(host.getAttribute("data-duration")) || 0;
      if (duration > 0) end = Math.max(end, (Number(host.getAttribute("data-start")) || 0) + duration);
    }
    return end;
  }

  function seekFrames(parent, ms) {
    for (let index = 0; index < parent.frames.length; index++) {
      try {
        const child = parent.frames[index];
        child.__HF_VIRTUAL_TIME__?.seekToTime(ms);
        seekFrames(child, ms);
      } catch {
        // A frame of another origin: it has its own clock, and no way to show a given moment.
      }
    }
  }

  function complete() {
    const player = window.__player;
    if (typeof player?.renderSeek !== "function" || typeof player.getDuration !== "function") return false;
    window.__playerReady = true;
    const hf = (window.__hf = window.__hf || {});
    Object.defineProperty(hf, "duration", {
      configurable: true,
      enumerable: true,
      get() {
        if (window.__hfTimelinesBuilding || !window.__renderReady) return 0;
        const duration = player.getDuration();
        return duration > 0 ? duration : declaredDuration();
      },
    });
    hf.seek = (seconds, options) => {
      window.__player.renderSeek(seconds, options);
      const ms = Math.max(0, Number(seconds) || 0) * 1000;
      clock.seekToTime(ms);
      seekFrames(window, ms);
    };
    hf.seek.plain = true; // until somebody wraps it, as shader transitions do
    return true;
  }

  if (complete()) return;
  const timer = clock.originalSetInterval(() => {
    if (complete()) clock.originalClearInterval(timer);
  }, 4);
})();
