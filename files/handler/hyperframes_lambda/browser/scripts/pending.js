// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// What a page began while it loaded and has not finished: timers, idle callbacks, tasks, messages of workers, requests.
// A frame taken before such set-up is over lacks what it makes, in one browser and not in another. readiness.js waits
// for it, and names what it did not wait for.
//
// Only waiting is added: everything runs when it would have run, but for idle callbacks, for which a browser that draws
// on command finds time at random; they run as timers of one millisecond.
(() => {
  "use strict";
  /** A timer that sets itself again this often is a loop, not set-up. */
  const MOST_REARMS = 20;
  /** An interval that has fired this often, or has lived this long, is there to stay. */
  const MOST_TICKS = 10;
  const MOST_INTERVAL_MS = 1000;
  const real = Performance.prototype.now;
  const clock = () => real.call(performance);
  const { setTimeout: nativeTimeout, clearTimeout: nativeClear, setInterval: nativeInterval, clearInterval: nativeClearInterval } = window;

  let watching = true;
  /** What is pending: {what, site, due}, by a key of its own. */
  const pending = new Map();
  /** Lines about what will not settle. */
  const lasting = new Set();

  /** Where in the page's own code this was called from, such as `file:line`; null for the renderer's own calls. */
  function callSite() {
    for (const line of (new Error().stack || "").split("\n")) {
      const place = /((?:https?|blob|data):[^\s()]*?):(\d+):\d+\)?$/.exec(line);
      if (!place) continue; // scripts of the renderer have no address
      if (place[1].includes("/__hyperframes/")) return null;
      if (!place[1].startsWith("http")) return "a script";
      const path = new URL(place[1]).pathname.slice(1);
      return path ? `${path}:${place[2]}` : "the page"; // which is compiled: its lines are not its author's
    }
    return null;
  }

  function begin(key, what, site, delay = 0) {
    pending.set(key, { what, site, due: clock() + delay });
    return () => pending.delete(key);
  }

  /** *promise*, watched until it settles. */
  function watch(promise, what, site) {
    if (watching && site !== null) {
      const end = begin(promise, what, site);
      promise.then(end, end);
    }
    return promise;
  }

  // --- Timers -------------------------------------------------------------------------------------------------------
  /** The timer that ran last: what it sets anew, also in promises that it settled, continues its chain. */
  let chain = { site: null, length: 0 };
  const run = (handler, args) => (typeof handler === "function" ? handler.apply(window, args) : (0, eval)(String(handler)));

  window.setTimeout = function setTimeout(handler, delay, ...args) {
    const site = watching ? callSite() : null;
    if (site === null) return nativeTimeout.call(window, handler, delay, ...args);
    const length = chain.site === site ? chain.length + 1 : 0;
    const handle = nativeTimeout.call(window, () => {
      pending.delete(handle);
      chain = { site, length };
      run(handler, args);
    }, delay);
    const ms = Math.max(0, Number(delay) || 0);
    if (length > MOST_REARMS) lasting.add(`a timer of ${ms} ms that sets itself again (${site})`);
    else begin(handle, `a timer of ${ms} ms`, site, ms);
    return handle;
  };
  window.setInterval = function setInterval(handler, delay, ...args) {
    const site = watching ? callSite() : null;
    if (site === null) return nativeInterval.call(window, handler, delay, ...args);
    const ms = Math.max(0, Number(delay) || 0);
    const began = clock();
    let ticks = 0;
    const handle = nativeInterval.call(window, () => {
      ticks += 1;
      run(handler, args);
      if (pending.has(handle) && (ticks >= MOST_TICKS || clock() - began >= MOST_INTERVAL_MS)) {
        pending.delete(handle);
        lasting.add(`an interval of ${ms} ms (${site})`);
      }
    }, delay);
    begin(handle, `an interval of ${ms} ms`, site, ms);
    return handle;
  };
  // A handle of one kind may be cleared by the other's function.
  window.clearTimeout = function clearTimeout(handle) {
    pending.delete(handle);
    nativeClear.call(window, handle);
  };
  window.clearInterval = function clearInterval(handle) {
    pending.delete(handle);
    nativeClearInterval.call(window, handle);
  };

  // --- Idle callbacks and tasks -------------------------------------------------------------------------------------
  const IDLE_MS = 50; // the longest that the specification gives an idle callback
  window.requestIdleCallback = function requestIdleCallback(callback) {
    if (typeof callback !== "function") {
      throw new TypeError("Failed to execute 'requestIdleCallback' on 'Window': parameter 1 is not of type 'Function'.");
    }
    return window.setTimeout(() => {
      const end = clock() + IDLE_MS;
      callback({ didTimeout: false, timeRemaining: () => Math.max(0, end - clock()) });
    }, 1);
  };
  window.cancelIdleCallback = function cancelIdleCallback(handle) {
    window.clearTimeout(handle);
  };
  const post = window.Scheduler?.prototype.postTask;
  if (post) {
    Scheduler.prototype.postTask = function postTask(...given) {
      return watch(post.apply(this, given), "a task", callSite());
    };
  }

  // --- Workers ------------------------------------------------------------------------------------------------------
  // Whoever makes a worker, or sends it a message, waits for an answer.
  const NativeWorker = window.Worker;
  if (NativeWorker) {
    window.Worker = class Worker extends NativeWorker {
      constructor(...given) {
        super(...given);
        this.#wait(callSite());
        for (const type of ["message", "messageerror", "error"]) this.addEventListener(type, () => pending.delete(this));
      }
      #wait(site) {
        if (watching && site !== null) begin(this, "a worker's message", site);
      }
      postMessage(...given) {
        this.#wait(callSite());
        super.postMessage(...given);
      }
      terminate() {
        pending.delete(this);
        super.terminate();
      }
    };
  }

  // --- Requests and decodes -----------------------------------------------------------------------------------------
  const { fetch, createImageBitmap } = window;
  window.fetch = function (...given) {
    return watch(fetch.apply(this ?? window, given), "a request", callSite());
  };
  if (createImageBitmap) {
    window.createImageBitmap = function (...given) {
      return watch(createImageBitmap.apply(this ?? window, given), "an image", callSite());
    };
  }
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...given) {
    const site = watching ? callSite() : null;
    if (site !== null) this.addEventListener("loadend", begin(this, "a request", site), { once: true });
    return send.apply(this, given);
  };

  // --- For readiness.js ---------------------------------------------------------------------------------------------
  /** This page's and those of its frames, which are of the same origin. */
  function* pages(view = window) {
    for (let index = 0; index < view.frames.length; index++) {
      try {
        const inner = view.frames[index];
        if (inner.__hyperframesPending) yield inner.__hyperframesPending;
        yield* pages(inner);
      } catch {
        // A frame of another origin.
      }
    }
  }
  const own = {
    /** @returns {number[]} in ms from now, when each thing that is pending is due: 0 for what may be over any time */
    waits: () => [...pending.values()].map(({ due }) => Math.max(0, due - clock())),
    /** @returns {string[]} what has not settled, and never will; watching is over */
    stop() {
      watching = false;
      return [...new Set([...lasting, ...[...pending.values()].map(({ what, site }) => `${what} (${site})`)])];
    },
  };
  Object.defineProperty(window, "__hyperframesPending", {
    value: Object.freeze({
      ...own,
      allWaits: () => [own, ...pages()].flatMap((page) => page.waits()),
      stopAll: () => [...new Set([own, ...pages()].flatMap((page) => page.stop()))],
    }),
  });
})();
