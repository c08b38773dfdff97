// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Virtual time and seeded randomness, in every document before its first script.
//
// The page's clocks stand still until the capture session moves them: Date, performance.now and
// requestAnimationFrame see the time of the frame that is being captured and nothing else. Timers stay real, because
// pages load data and finish their set-up with them. What a page draws then depends on the frame's time alone, so any
// worker draws the same frame.
//
// The page runtime and the bridge speak to window.__HF_VIRTUAL_TIME__ (HyperFrames' name for it).
(() => {
  "use strict";
  if (window.__HF_VIRTUAL_TIME__) return;

  let now = 0;
  const native = {
    setTimeout: window.setTimeout.bind(window),
    clearTimeout: window.clearTimeout.bind(window),
    setInterval: window.setInterval.bind(window),
    clearInterval: window.clearInterval.bind(window),
    requestAnimationFrame: window.requestAnimationFrame.bind(window),
    cancelAnimationFrame: window.cancelAnimationFrame.bind(window),
  };

  // --- Clocks -------------------------------------------------------------------------------------------------------
  const RealDate = Date;
  function VirtualDate(...args) {
    if (!new.target) return new RealDate(now).toString();
    const date = args.length ? new RealDate(...args) : new RealDate(now);
    return Object.setPrototypeOf(date, new.target.prototype);
  }
  VirtualDate.prototype = RealDate.prototype;
  VirtualDate.prototype.constructor = VirtualDate;
  Object.setPrototypeOf(VirtualDate, RealDate);
  VirtualDate.now = () => now;
  Object.defineProperty(VirtualDate, "name", { value: "Date" });
  Object.defineProperty(VirtualDate, "length", { value: 7 });
  Object.defineProperty(window, "Date", { configurable: true, writable: true, enumerable: false, value: VirtualDate });
  Object.defineProperty(performance, "now", { configurable: true, writable: true, value: () => now });

  // --- Animation frames: one flush a seek ---------------------------------------------------------------------------
  let nextHandle = 1;
  let queue = new Map();
  let due = new Map();
  window.requestAnimationFrame = (callback) => {
    if (typeof callback !== "function") {
      throw new TypeError("Failed to execute 'requestAnimationFrame' on 'Window': parameter 1 is not a function.");
    }
    queue.set(nextHandle, callback);
    return nextHandle++;
  };
  window.cancelAnimationFrame = (handle) => {
    queue.delete(handle);
    due.delete(handle);
  };
  function flush() {
    due = queue;
    queue = new Map();
    // A Map's iteration leaves out what a callback cancels on the way.
    for (const callback of due.values()) {
      try {
        callback(now);
      } catch (error) {
        native.setTimeout(() => {
          throw error; // reported as any uncaught error is, without stopping the others
        }, 0);
      }
    }
    due.clear();
  }

  // --- Randomness: Mulberry32, seeded by the time of the frame -------------------------------------------------------
  let state = 0;
  function reseed(ms) {
    const whole = Math.max(0, Math.floor(Number(ms) || 0)) | 0;
    state = (Math.imul(whole, -1640531527) + 0x9e3779b9) | 0;
  }
  function random() {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  reseed(0);
  Math.random = random;
  if (window.crypto) {
    const define = (name, value) => Object.defineProperty(window.crypto, name, { configurable: true, writable: true, value });
    const fill = (array) => {
      if (!ArrayBuffer.isView(array)) throw new TypeError("Failed to execute 'getRandomValues' on 'Crypto'.");
      const bytes = new DataView(array.buffer, array.byteOffset, array.byteLength);
      let at = 0;
      for (; at + 4 <= array.byteLength; at += 4) bytes.setUint32(at, (random() * 4294967296) >>> 0, true);
      for (; at < array.byteLength; at++) bytes.setUint8(at, (random() * 256) | 0);
      return array;
    };
    define("getRandomValues", fill);
    define("randomUUID", () => {
      const bytes = fill(new Uint8Array(16));
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    });
  }

  window.__HF_VIRTUAL_TIME__ = {
    originalSetTimeout: native.setTimeout,
    originalClearTimeout: native.clearTimeout,
    originalSetInterval: native.setInterval,
    originalClearInterval: native.clearInterval,
    originalRequestAnimationFrame: native.requestAnimationFrame,
    originalCancelAnimationFrame: native.cancelAnimationFrame,
    seekToTime(ms) {
      now = Math.max(0, Number(ms) || 0);
      reseed(now);
      flush();
      return now;
    },
    getTime: () => now,
  };
})();
