// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether the page can be captured. The session calls ready() once after navigation; it answers with what is missing, or
// makes the page complete: timelines bound, images and fonts decoded, videos given the size of their frames.
(() => {
  "use strict";
  const { originalSetTimeout: setTimer } = window.__HF_VIRTUAL_TIME__;
  const POLL_MS = 4;
  /** How long documents may go on loading once the player is there. */
  const DOCUMENTS_MS = 10000;
  /** How long a page that is otherwise ready may take to register a timeline that nothing else announces. */
  const TIMELINE_GRACE_MS = 3000;
  const SCRIPT_FAILURE_GRACE_MS = 500;
  const VIDEO_GRACE_MS = 3000;
  /** How long a page that is otherwise ready may take to finish what it began while it loaded. */
  const SETTLE_MS = 3000;
  const clock = (() => {
    // performance.now is virtual; the prototype's own function is not.
    const real = Performance.prototype.now;
    return () => real.call(performance);
  })();
  const pause = (ms) => new Promise((resolve) => setTimer(resolve, ms));

  async function until(predicate, ms) {
    const end = clock() + ms;
    for (;;) {
      if (await predicate()) return true;
      if (clock() >= end) return false;
      await pause(POLL_MS);
    }
  }

  const failures = [];
  window.addEventListener(
    "error",
    (event) => {
      if (event.target instanceof HTMLScriptElement) failures.push(`script ${event.target.src} did not load`);
      else if (event.error || event.message) failures.push(`${event.message}${placeOf(event.filename, event.lineno)}`);
    },
    true,
  );
  window.addEventListener("unhandledrejection", (event) => failures.push(`unhandled rejection: ${event.reason?.message ?? event.reason}`));

  /** Where a script is, in brackets. The entry page is compiled: its lines are not its author's. */
  function placeOf(address, line) {
    if (!address?.startsWith(location.origin)) return "";
    const path = new URL(address).pathname.slice(1);
    return path ? ` (${path}:${line})` : " (the page)";
  }

  // --- The player -----------------------------------------------------------------------------------------------------
  const root = () => document.querySelector("[data-composition-id]");
  const playerReady = () => typeof window.__hf?.seek === "function" && window.__hf.duration > 0;

  /** The player started, nothing is loading any more, and still there is no duration: it will not come. */
  function endless() {
    return (
      root() &&
      document.readyState === "complete" &&
      typeof window.__hf?.seek === "function" &&
      window.__renderReady === true &&
      !window.__hfTimelinesBuilding &&
      !(window.__hf.duration > 0)
    );
  }

  function missingOfPlayer() {
    if (!root()) return ["an element with data-composition-id"];
    if (!window.__player) return ["the page runtime (window.__player)"];
    if (typeof window.__hf?.seek !== "function") return ["window.__hf.seek"];
    if (window.__hfTimelinesBuilding) return ["timelines that are still being built"];
    if (!window.__renderReady) return ["window.__renderReady: the page runtime has not bound the composition"];
    return ["a duration: neither data-duration nor an animation or medium of finite length"];
  }

  // --- Timelines ------------------------------------------------------------------------------------------------------
  function unregistered() {
    const timelines = window.__timelines || {};
    const ids = new Set();
    for (const host of document.querySelectorAll("[data-composition-id]:not([data-no-timeline])")) {
      const id = host.getAttribute("data-composition-id");
      if (id && !timelines[id]) ids.add(id);
    }
    return [...ids];
  }

  /** The texts of the page's own scripts. */
  async function scriptTexts() {
    return await Promise.all(
      [...document.scripts].map(async (script) => {
        if (!script.src) return script.text;
        if (script.src.includes("/__hyperframes/")) return "";
        try {
          return await (await fetch(script.src)).text();
        } catch {
          return "";
        }
      }),
    );
  }

  /** Whether any script of the page could register a timeline at all. */
  const mayRegister = async () => (await scriptTexts()).some((text) => /__timelines|\bimport\b/.test(text));

  /** Those of *ids* whose timeline a script declares by name. */
  async function declared(ids) {
    const texts = (await scriptTexts()).filter((text) => text.includes("__timelines"));
    const names = (id) => {
      const host = document.querySelector(`[data-composition-id="${CSS.escape(id)}"]`);
      return [id, host?.getAttribute("data-hf-original-composition-id")].filter(Boolean);
    };
    return ids.filter((id) => names(id).some((name) => texts.some((text) => wordIn(name, text))));
  }
  const wordIn = (name, text) => new RegExp(`(?<![\\w-])${name.replace(/[^\w]/g, "\\$&")}(?![\\w-])`).test(text);

  async function waitForTimelines(timeoutMs) {
    if (unregistered().length === 0) return [];
    const registrable = await mayRegister();
    if (registrable) {
      const began = clock();
      await until(() => {
        if (unregistered().length === 0) return true;
        const waited = clock() - began;
        if (failures.length > 0 && waited > SCRIPT_FAILURE_GRACE_MS) return true;
        return document.readyState === "complete" && waited > Math.min(TIMELINE_GRACE_MS, timeoutMs);
      }, timeoutMs);
    }
    return unregistered();
  }

  // --- Documents ------------------------------------------------------------------------------------------------------
  /** Whether this document or one that it shows in a frame is still loading. */
  function documentsLoad() {
    window.__hyperframesLoadLazy();
    if (document.readyState !== "complete") return true;
    return [...document.querySelectorAll("iframe[src]:not([src=''])")].some((frame) => {
      if (!frame.src.startsWith(`${location.origin}/`)) return false; // never loads here
      const inner = frame.contentDocument; // null when it is of another origin
      return inner !== null && (inner.readyState !== "complete" || inner.URL === "about:blank");
    });
  }

  // --- Shader transitions ---------------------------------------------------------------------------------------------
  const COMPOSITOR = "__hf-page-side-compositor";

  /** Waits for the transitions to take their place in the seek; warns of those that will be cuts. */
  async function waitForTransitions(ms, warnings) {
    const shaders = (window.__hf.transitions ?? []).filter((transition) => transition.shader);
    if (shaders.length === 0) return true;
    if (!document.getElementById(COMPOSITOR)) {
      warnings.push(`${shaders.length} shader transition(s) are cuts: their library cannot blend scenes in this browser`);
      return true;
    }
    return until(() => !window.__hf.seek.plain, ms);
  }

  // --- Media ----------------------------------------------------------------------------------------------------------
  function applyVideoSizes(videos) {
    for (const { id, width, height } of videos) {
      const video = window.__hfMediaEl(id);
      if (!video) continue;
      // The frames stand in for a medium that the page never loads, so its box needs their size.
      if (!video.hasAttribute("width")) video.setAttribute("width", String(width));
      if (!video.hasAttribute("height")) video.setAttribute("height", String(height));
      const computed = getComputedStyle(video);
      if (!video.style.aspectRatio && (!computed.aspectRatio || computed.aspectRatio === "auto")) {
        video.style.aspectRatio = `${width} / ${height}`;
      }
    }
  }

  const isPending = (image) => !image.complete && (image.getAttribute("src") || image.getAttribute("srcset"));
  function pendingImages() {
    window.__hyperframesLoadLazy();
    return [...document.images].filter(isPending).map((image) => image.currentSrc || image.src || image.srcset);
  }

  function backgroundUrls() {
    const urls = new Set();
    const collect = (style, base) => {
      for (const property of ["background-image", "mask-image", "border-image-source", "list-style-image", "content"]) {
        for (const match of style.getPropertyValue(property).matchAll(/url\((?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^)]*))\)/g)) {
          const url = (match[1] ?? match[2] ?? match[3] ?? "").trim();
          if (url && !url.startsWith("#")) urls.add(new URL(url, base).href);
        }
      }
    };
    const walk = (rules, base) => {
      for (const rule of rules) {
        if (rule.style) collect(rule.style, base);
        if (rule.styleSheet) walkSheet(rule.styleSheet);
        if (rule.cssRules) walk(rule.cssRules, base);
      }
    };
    const walkSheet = (sheet) => {
      try {
        walk(sheet.cssRules, sheet.href || document.baseURI);
      } catch {
        // A style sheet of another origin keeps its rules to itself.
      }
    };
    for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) walkSheet(sheet);
    for (const element of document.querySelectorAll("[style*='url(']")) collect(element.style, document.baseURI);
    return [...urls];
  }

  /** Images of style sheets, kept so that a class that is set in mid-timeline finds its picture loaded. */
  const kept = [];
  async function decodeImages() {
    for (const url of backgroundUrls()) {
      const image = new Image();
      image.src = url;
      kept.push(image);
    }
    const loaded = [...document.images].filter((image) => image.complete && image.naturalWidth > 0);
    await Promise.all([...loaded, ...kept].map((image) => image.decode().catch(() => undefined)));
  }

  async function waitForVideos(shown) {
    const ids = new Set(shown.map((video) => video.id));
    const waiting = () =>
      [...document.querySelectorAll("video")].filter(
        (video) =>
          !ids.has(window.__hfMediaId(video)) &&
          (video.currentSrc || video.getAttribute("src")) &&
          video.readyState < 2 &&
          !video.error &&
          video.networkState !== HTMLMediaElement.NETWORK_NO_SOURCE,
      );
    await until(() => waiting().length === 0, VIDEO_GRACE_MS);
    return waiting().map((video) => video.currentSrc || video.getAttribute("src"));
  }

  // --- Set-up that comes late -------------------------------------------------------------------------------------------
  /** Waits for what the page has begun and can be over by *end*; tells whether there was anything to wait for. */
  async function settle(end) {
    const due = () => window.__hyperframesPending.allWaits().some((wait) => clock() + wait <= end);
    if (!due()) return false;
    await until(() => !due(), end - clock());
    return true;
  }

  /**
   * @param {{timeoutMs: number, videos: {id: string, width: number, height: number}[]}} options
   * @returns {Promise<{missing: string[], endless: boolean, duration: number, warnings: string[]}>}
   */
  async function ready({ timeoutMs, videos }) {
    const warnings = [];
    let failed = [];
    // What animations and parts last; binding the timelines of a page that has none makes the player forget it.
    let inferred = 0;
    const answer = (missing, isEndless = false) => ({
      missing,
      endless: isEndless,
      duration: Number(window.__hf?.duration) || inferred,
      warnings,
      errors: failures,
      failed,
    });
    const began = clock();
    const left = () => Math.max(0, timeoutMs - (clock() - began));

    let endlessSince = null;
    const became = await until(() => {
      if (playerReady() || (document.readyState === "complete" && !root())) return true;
      endlessSince = endless() ? (endlessSince ?? clock()) : null;
      // Inferred durations (CSS, Lottie) can land a moment after the player.
      return endlessSince !== null && clock() - endlessSince > 1000;
    }, timeoutMs);
    if (!playerReady()) return answer(missingOfPlayer(), became && Boolean(root()));

    // The player may be there before the documents of inner frames are; what they draw by counts from frame 0.
    await until(() => !documentsLoad(), Math.min(left(), DOCUMENTS_MS));

    const settled = clock() + Math.min(left(), SETTLE_MS);
    await settle(settled);
    const absent = await waitForTimelines(left());
    if (absent.length > 0) {
      if (failures.length > 0) failed = await declared(absent);
      if (failed.length > 0) return answer([]);
      warnings.push(`no timeline registered for composition ${absent.join(", ")}; it renders without one`);
    }
    if (!(await waitForTransitions(left(), warnings))) return answer(["shader transitions"]);
    inferred = Number(window.__hf.duration) || 0;
    window.__hfForceTimelineRebind?.();

    applyVideoSizes(videos);
    const tailwind = window.__tailwindReady;
    if (typeof tailwind?.then === "function") {
      const settled = await Promise.race([Promise.resolve(tailwind).then(() => true, () => true), pause(left()).then(() => false)]);
      if (!settled) return answer(["window.__tailwindReady"]);
    }
    do {
      await until(() => pendingImages().length === 0, left());
      const images = pendingImages();
      if (images.length > 0) return answer(images.map((url) => `image ${url}`));
      await decodeImages();
      const fonts = await Promise.race([document.fonts.ready.then(() => true), pause(left()).then(() => false)]);
      if (!fonts) {
        return answer([...document.fonts].filter((face) => face.status === "loading").map((face) => `font ${face.family}`));
      }
    } while (await settle(settled)); // what came late may have brought pictures and fonts of its own
    for (const image of document.images) {
      if (image.getAttribute("src") && image.naturalWidth === 0) warnings.push(`image ${image.src} did not load`);
    }
    for (const source of await waitForVideos(videos)) warnings.push(`video ${source} did not load`);
    for (const what of window.__hyperframesPending.stopAll()) warnings.push(`not waited for before the first frame: ${what}`);
    return answer([]);
  }

  /** For scripts of parts, whose errors are caught where they run. */
  const noteFailure = (text) => failures.push(text);
  window.__hyperframesCapture = { ready, clock, pause, noteFailure };
})();
