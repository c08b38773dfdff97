// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// One frame: seek, show the frames of videos, and wait until everything that the picture needs is there. The session
// evaluates show() once a frame and then lets the browser draw.
(() => {
  "use strict";
  const capture = window.__hyperframesCapture;
  const clock = window.__HF_VIRTUAL_TIME__;

  // --- Videos: a sibling <img> stands in for each ------------------------------------------------------------------------
  const COPIED = [
    "filter", "mix-blend-mode", "backdrop-filter", "border-radius", "overflow", "clip-path", "mask", "mask-image",
    "mask-size", "mask-position", "mask-repeat", "transform", "transform-origin", "translate", "rotate", "scale",
    "box-sizing", "object-fit", "object-position", "z-index",
  ];
  const GRADED = "data-hf-color-grading-source-hidden";

  function standIn(video) {
    const next = video.nextElementSibling;
    if (next?.classList.contains("__render_frame__")) return next;
    const image = document.createElement("img");
    image.className = "__render_frame__";
    image.id = `__render_frame_${window.__hfMediaId(video)}__`;
    image.decoding = "sync";
    image.style.cssText = "pointer-events:none;position:absolute;visibility:hidden";
    video.parentNode.insertBefore(image, video.nextSibling);
    return image;
  }

  /** A display:none ancestor hides whatever is in it; a hidden sub-composition host must not show through. */
  function hiddenByAncestor(video) {
    for (let parent = video.parentElement; parent && parent !== document.documentElement; parent = parent.parentElement) {
      const style = getComputedStyle(parent);
      if (style.display === "none") return true;
      if (
        style.visibility === "hidden" &&
        (parent.hasAttribute("data-composition-src") || parent.hasAttribute("data-composition-file"))
      ) {
        return true;
      }
    }
    return false;
  }

  function place(image, video) {
    const style = getComputedStyle(video);
    for (const property of COPIED) {
      const value = style.getPropertyValue(property);
      if (value && image.style.getPropertyValue(property) !== value) image.style.setProperty(property, value);
    }
    const box = video.getBoundingClientRect();
    const opacity = parseFloat(style.opacity);
    Object.assign(image.style, {
      position: "absolute",
      inset: "auto",
      left: `${video.offsetLeft || 0}px`,
      top: `${video.offsetTop || 0}px`,
      width: `${video.offsetWidth || box.width}px`,
      height: `${video.offsetHeight || box.height}px`,
      opacity: String(video.hasAttribute(GRADED) || Number.isNaN(opacity) ? 1 : opacity),
    });
    image.style.setProperty("visibility", "visible");
  }

  const hide = (element) => element.style.setProperty("visibility", "hidden", "important");

  /** Shows *urls* (by video id), hides every other timed video. Returns a promise when a picture has to be decoded. */
  function showVideos(urls) {
    const decodes = [];
    const grading = window.__hf?.colorGrading;
    let shown = false;
    for (const video of document.querySelectorAll("video")) {
      const id = window.__hfMediaId(video);
      const url = urls[id];
      if (url === undefined && !video.hasAttribute("data-start")) continue;
      const image = standIn(video);
      const visible = url !== undefined && !hiddenByAncestor(video);
      if (visible) {
        place(image, video);
        if (image.getAttribute("src") !== url) {
          image.src = url;
          decodes.push(image.decode());
        }
        shown = true;
      } else {
        hide(image);
      }
      hide(video);
      video.style.setProperty("pointer-events", "none", "important");
      grading?.setSourceVisibility?.(video, visible);
    }
    return decodes.length > 0 || shown ? { decodes, shown } : null;
  }

  // --- Pictures and fonts that only this moment needs ---------------------------------------------------------------------
  const decoded = new Map();
  function decodeDynamic() {
    const waits = [];
    window.__hyperframesLoadLazy();
    for (const image of document.images) {
      if (!image.complete && image.getAttribute("src")) waits.push(image.decode().catch(() => undefined));
    }
    for (const element of document.querySelectorAll("[style*='url(']")) {
      for (const match of element.style.backgroundImage.matchAll(/url\("((?:[^"\\]|\\.)*)"\)/g)) {
        const url = match[1];
        if (decoded.has(url)) continue;
        const image = new Image();
        image.src = url;
        decoded.set(url, image);
        waits.push(image.decode().catch(() => undefined));
      }
    }
    return waits;
  }

  async function settle(time, sought, videos, waits) {
    await Promise.all([sought, ...waits]);
    if (videos) {
      await Promise.all(videos.decodes);
      if (videos.shown && videos.decodes.length > 0) {
        window.__hf.colorGrading?.redraw?.();
        window.__hfReseekGpu?.(time); // textures that are made of video frames
      }
    }
    await window.__hfWaitForSeekCompletion?.();
    await window.__hf.colorGrading?.waitForActiveLuts?.();
    void document.documentElement.offsetHeight; // layout finds out which fonts this moment needs
    if (document.fonts.status === "loading") await document.fonts.ready;
    return prepareCanvases();
  }

  // --- Elements in canvases -------------------------------------------------------------------------------------------------
  // A canvas with layoutsubtree draws its children as the browser painted them, in a paint event or when it likes, so
  // the page is painted once before its picture is taken. @hyperframes/shader-transitions blends two scenes that way:
  // it copies both into such canvases, has them painted, and draws them through its shader in a canvas above the page.
  let blended = false;
  const stages = () => document.querySelectorAll("body > canvas[layoutsubtree][style*='-9998']");

  /** Whether the page has to be painted, and finish() to follow, before the picture is taken. */
  async function prepareCanvases() {
    if (window.__hf_page_composite_pending && (await window.__hf_page_composite_prepare?.())) {
      const images = [...stages()].flatMap((stage) => [...stage.querySelectorAll("img[src]")]);
      await Promise.all(images.map((image) => image.decode().catch(() => undefined)));
      return (blended = true);
    }
    if (blended) {
      blended = false;
      for (const stage of stages()) stage.width = stage.width; // or its last scene would show through behind the page
    }
    return document.querySelectorAll("canvas[layoutsubtree]").length > stages().length;
  }

  function finish() {
    if (!window.__hf_page_composite_pending) return;
    const canvas = document.getElementById("__hf-page-side-compositor");
    // What could not be drawn is a cut, as in HyperFrames, of which the library warns; not the blend of another frame.
    if (!window.__hf_page_composite_resolve() && canvas) canvas.style.display = "none";
  }

  // --- Clocks that neither virtual time nor the page runtime moves ---------------------------------------------------------
  /** All trees of elements: this document's, those of shadow roots, and the same of same-origin frames. */
  function* trees(view = window) {
    yield view.document;
    yield* view.__hyperframesShadowRoots?.() ?? [];
    for (let index = 0; index < view.frames.length; index++) {
      try {
        if (view.frames[index].document) yield* trees(view.frames[index]);
      } catch {
        // A frame of another origin.
      }
    }
  }

  let transitionSeen = false;
  const begun = new WeakMap();

  /**
   * Animations run from the frame that set them off. The page runtime pauses those that it knows; it does not see into
   * frames and shadow trees, takes no transitions, and misses what begins in mid-timeline. All of that still runs here.
   */
  function seekAnimations(ms) {
    for (const tree of trees()) {
      for (const animation of tree.getAnimations()) {
        const transition = "transitionProperty" in animation;
        transitionSeen ||= transition;
        if (!begun.has(animation)) {
          if (animation.playState !== "running" || !isClock(animation.timeline)) continue;
          begun.set(animation, { ms, at: Number(animation.currentTime) || 0 });
        }
        const { ms: start, at } = begun.get(animation);
        const current = at + (ms - start) * animation.playbackRate;
        if (transition && current >= animation.effect.getComputedTiming().endTime) {
          animation.finish();
        } else {
          animation.currentTime = current;
          animation.pause();
        }
      }
    }
  }

  /** Not a scroll timeline, whose time is a place. */
  const isClock = (timeline) => timeline !== null && "currentTime" in timeline && !("source" in timeline) && !("subject" in timeline);

  function seekVectorGraphics(seconds) {
    for (const tree of trees()) {
      for (const drawing of tree.querySelectorAll("svg")) {
        if (drawing.ownerSVGElement || !drawing.querySelector("animate,animateTransform,animateMotion,set")) continue;
        drawing.pauseAnimations();
        drawing.setCurrentTime(seconds);
      }
    }
  }

  /** Shows a moment; what it returns is to be awaited: early shader transitions draw while they seek. */
  function seek(time) {
    const sought = window.__hf.seek(time);
    seekVectorGraphics(time);
    seekAnimations(time * 1000);
    return sought;
  }

  /**
   * Show the moment *time*.
   * @param {number} time seconds
   * @param {Object<string, string>} urls picture of each video that is active, by the video's id
   * @returns {Promise<boolean>} whether the page has to be painted, and finish() called, before its picture is taken
   */
  function show(time, urls) {
    const sought = seek(time);
    return settle(time, sought, showVideos(urls), decodeDynamic());
  }

  // --- History ------------------------------------------------------------------------------------------------------------
  // A frame must not depend on which frames the same browser showed before. Two kinds of page state do have a history:
  // a GSAP tween reads its start values when it first renders, and code in animation frames may build on the last one.
  // So before a jump the frames in between that matter are shown again, without being drawn.

  /** Plugins of GSAP whose next picture stands on the last one. */
  const REMEMBERS = ["scrambleText", "physics2D", "physicsProps"];

  /** Frame times at which tweens begin, or null when every frame matters. */
  function eventFrames(fps) {
    if (capture.drawsInAnimationFrames() || hasTransitions()) return null;
    const frames = new Set();
    const root = document.querySelector("[data-composition-id]");
    for (const [id, timeline] of Object.entries(window.__timelines || {})) {
      if (typeof timeline?.getChildren !== "function") continue;
      const host = document.querySelector(`[data-composition-id="${CSS.escape(id)}"]`);
      const offset = host && host !== root ? hostStart(host) : 0;
      if (Number.isNaN(offset)) return null;
      const rate = host && host !== root ? Number(host.getAttribute("data-playback-rate")) || 1 : 1;
      const skipped = host && host !== root ? Number(host.getAttribute("data-playback-start")) || 0 : 0;
      for (const child of timeline.getChildren(true, true, true)) {
        if (REMEMBERS.some((name) => child.vars && name in child.vars)) return null;
        let start = 0;
        for (let node = child; node && node !== timeline; node = node.parent) {
          start = (node === child ? 0 : start / (node.timeScale?.() || 1)) + node.startTime();
        }
        const at = offset + (start - skipped) / rate;
        if (Number.isFinite(at) && at > 0) frames.add(Math.ceil(at * fps - 1e-6));
      }
    }
    const running = window.gsap?.globalTimeline?.getChildren(false, true, true) ?? [];
    const registered = new Set(Object.values(window.__timelines || {}));
    if (running.some((child) => !registered.has(child) && !child.paused() && child.totalDuration() > 0)) return null;
    return frames;
  }

  /** A property that a tween moves and a transition follows starts a transition in every frame. */
  function hasTransitions() {
    transitionSeen ||= [...document.body.querySelectorAll("*")].some((element) => {
      const style = getComputedStyle(element);
      return style.transitionProperty !== "none" && /[1-9]/.test(style.transitionDuration);
    });
    return transitionSeen;
  }

  function hostStart(host) {
    let sum = 0;
    for (let node = host; node; node = node.parentElement?.closest("[data-composition-id]")) {
      const start = node.getAttribute("data-start");
      if (start !== null) sum += Number(start);
    }
    return sum;
  }

  /**
   * Catch up on the frames *from* (inclusive) to *to* (exclusive), at most *limit* of them.
   * @returns {Promise<number>} the next frame that is not caught up on
   */
  async function catchUp(from, to, fps, limit) {
    const events = eventFrames(fps);
    let seeks = 0;
    for (let frame = from; frame < to; frame++) {
      if (events !== null && !events.has(frame)) continue;
      if (seeks++ >= limit) return frame;
      await seek(frame / fps);
      await window.__hfWaitForSeekCompletion?.();
    }
    return to;
  }

  Object.assign(capture, { show, finish, catchUp, standIns: () => document.querySelectorAll("video[data-start]").forEach(standIn) });

  // --- Who draws in animation frames --------------------------------------------------------------------------------------
  let foreign = false;
  const request = window.requestAnimationFrame;
  window.requestAnimationFrame = (callback) => {
    // The page runtime and GSAP keep a loop of their own that only follows the clock.
    if (!foreign) foreign = !/\/__hyperframes\/|gsap/i.test((new Error().stack || "").split("\n")[2] ?? "");
    return request(callback);
  };
  capture.drawsInAnimationFrames = () => foreign || window.frames.length > 0;
  Object.freeze(capture);
})();
