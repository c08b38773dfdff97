// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// What libraries and the page runtime expect to find before their first line runs.
(() => {
  "use strict";
  // Tells the page runtime that no preview-only work must touch the timelines.
  window.__HF_RENDER_CAPTURE_MODE = true;
  // Libraries (shader transitions) write into __hf while the page loads; the bridge completes the same object later.
  window.__hf = window.__hf || {};
  // Tells shader transitions to blend scenes in the page; without, they leave that to HyperFrames' own compositor.
  window.__HF_PAGE_SIDE_COMPOSITING__ = true;
  window.__hfTimelinesBuilding = false;
  // Shadow trees, also closed ones: their animations have to be set to the moment of a frame as all others.
  const shadowRoots = [];
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(options) {
    const made = attach.call(this, options);
    shadowRoots.push(new WeakRef(made));
    return made;
  };
  Object.defineProperty(window, "__hyperframesShadowRoots", {
    value: () => shadowRoots.map((kept) => kept.deref()).filter((kept) => kept?.host.isConnected),
  });
  // Nobody scrolls here: what is to load when it comes near the window loads at once, or a render would wait without end.
  window.__hyperframesLoadLazy = () => {
    for (const tree of [document, ...window.__hyperframesShadowRoots()]) {
      for (const element of tree.querySelectorAll("[loading=lazy i]")) element.loading = "eager";
    }
    for (let index = 0; index < window.frames.length; index++) {
      try {
        window.frames[index].__hyperframesLoadLazy?.();
      } catch {
        // A frame of another origin.
      }
    }
  };
  // A service worker would answer a page's requests with what it kept of an earlier page, or of an earlier moment.
  if (window.ServiceWorkerContainer) {
    ServiceWorkerContainer.prototype.register = async function register() {
      throw new DOMException("a render has no service workers", "NotSupportedError");
    };
  }
  // Media are addressed by the id that the compiler stamped, which is unique over inlined compositions, or by their own.
  window.__hfMediaEl = (id) =>
    document.querySelector(`[data-hf-render-id="${CSS.escape(id)}"]`) ?? document.getElementById(id);
  window.__hfMediaId = (element) => element.getAttribute("data-hf-render-id") || element.id;
})();
