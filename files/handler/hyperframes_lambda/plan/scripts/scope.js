// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the scripts of inlined sub-compositions, each with a document, a window, gsap and __hyperframes of its own:
// what it looks up is found in its own composition first, what it registers goes to its own instance. The page holds
// this once; every script of a sub-composition is a call of it.
(() => {
  "use strict";
  const AUTHORED_ID = "data-hf-authored-id";
  const TIMING = String.raw`\s*\[\s*data-(?:start|duration)\s*=\s*(?:"[^"]*"|'[^']*')\s*\]`;

  const attribute = (name, value) => `[${name}="${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"]`;
  const pattern = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  /** What a proxy hands out of *target*: methods bound to it, since natives refuse another `this`. */
  function member(target, name) {
    const value = Reflect.get(target, name, target);
    // A class would lose its static members; built-in methods have no prototype of their own.
    return typeof value === "function" && value.prototype === undefined ? value.bind(target) : value;
  }

  /** Selectors as the author wrote them, in terms of the instance. */
  function selectorsOf({ id, scope, authoredRootId }) {
    if (!id) return (selector) => selector;
    const root = String.raw`\[\s*data-composition-id\s*=\s*(?:"${pattern(id)}"|'${pattern(id)}')\s*\]`;
    const timed = new RegExp(`${root}(?:${TIMING})+|(?:${TIMING})+${root}`, "g");
    const rootId = authoredRootId ? new RegExp(`#(?:${pattern(authoredRootId)}|${pattern(CSS.escape(authoredRootId))})(?![\\w-])`, "y") : null;
    return (selector) => {
      if (typeof selector !== "string") return selector;
      const text = selector.replace(timed, scope);
      if (!rootId || !text.includes("#")) return text;
      let result = "";
      let quote = "";
      let brackets = 0;
      for (let at = 0; at < text.length; at += 1) {
        const letter = text[at];
        if (quote) {
          if (letter === quote && text[at - 1] !== "\\") quote = "";
        } else if (letter === '"' || letter === "'") {
          quote = letter;
        } else if (letter === "[") {
          brackets += 1;
        } else if (letter === "]") {
          brackets = Math.max(0, brackets - 1);
        } else if (letter === "#" && brackets === 0) {
          rootId.lastIndex = at;
          if (rootId.test(text)) {
            result += attribute(AUTHORED_ID, authoredRootId);
            at = rootId.lastIndex - 1;
            continue;
          }
        }
        result += letter;
      }
      return result;
    };
  }

  function lookupsOf(options) {
    const selectorOf = selectorsOf(options);
    let known = null;
    const root = () => (known ??= options.scope ? document.querySelector(options.scope) : null);
    const within = (node) => !root() || node === root() || root().contains(node);
    const all = (selector) => {
      if (!root() || typeof selector !== "string") return document.querySelectorAll(selector);
      return [...document.querySelectorAll(selectorOf(selector))].filter(within);
    };
    const byId = (id) => {
      const found = document.getElementById(id);
      if (found && within(found)) return found;
      const box = root();
      if (!box) return found ?? null;
      const name = String(id);
      if (box.id === name || (options.authoredRootId === name && box.getAttribute(AUTHORED_ID) === name)) return box;
      return box.querySelector(attribute(AUTHORED_ID, name)) ?? box.querySelector(attribute("id", name));
    };
    return { root, all, one: (selector) => all(selector)[0] ?? null, byId, selectorOf };
  }

  /** window.__timelines as the script sees it: its own id stands for its instance as well. */
  function registryOf({ id, runtimeId }) {
    window.__timelines = window.__timelines || {};
    if (!id || id === runtimeId) return window.__timelines;
    return new Proxy(window.__timelines, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        return name === id && value === undefined ? Reflect.get(target, runtimeId, target) : value;
      },
      set: (target, name, value) => {
        const done = Reflect.set(target, name, value, target);
        // The authored element stays in the page under its own id, so readiness looks for both.
        return name === id ? Reflect.set(target, runtimeId, value, target) && done : done;
      },
    });
  }

  function scopedGsap(base, find) {
    if (!base) return base;
    const targets = (target) => (typeof target === "string" ? find.all(target) : target);
    const onTargets = (owner, method) =>
      function (target, ...rest) {
        return method.call(owner, targets(target), ...rest);
      };
    const TWEENS = ["to", "from", "fromTo", "set"];
    const scopedTimeline = (timeline) => {
      for (const name of TWEENS) {
        if (typeof timeline?.[name] === "function") timeline[name] = onTargets(timeline, timeline[name]);
      }
      return timeline;
    };
    const scopedUtils = (utils) =>
      new Proxy(utils, {
        get: (target, name) => {
          if (name === "toArray") return onTargets(target, target.toArray);
          if (name === "selector") {
            return (start) => {
              const box = (typeof start === "string" ? find.one(start) : start) || find.root();
              return (selector) =>
                box && typeof selector === "string"
                  ? [...document.querySelectorAll(find.selectorOf(selector))].filter((node) => node === box || box.contains?.(node))
                  : [];
            };
          }
          const value = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    return new Proxy(base, {
      get: (target, name) => {
        if (name === "timeline") return (...rest) => scopedTimeline(target.timeline(...rest));
        if (TWEENS.includes(name)) return onTargets(target, target[name]);
        if (name === "utils" && target.utils) return scopedUtils(target.utils);
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  function scopedHyperframes({ runtimeId }) {
    const base = window.__hyperframes;
    if (!base) return base;
    return { ...base, getVariables: () => ({ ...(window.__hfVariablesByComp?.[runtimeId] ?? {}) }) };
  }

  /**
   * @param {{id: string, runtimeId: string, scope: string, authoredRootId: string, label: string}} options id as the
   *   script knows it, id and selector of the instance, the id attribute of its outermost element
   * @param {Function} run the script as a function of (document, gsap, window, __hyperframes)
   */
  window.__hyperframesScope = (options, run) => {
    const find = lookupsOf(options);
    const hyperframes = scopedHyperframes(options);
    let registry = null;
    const scopedDocument = new Proxy(document, {
      get: (target, name) => {
        if (name === "querySelector") return find.one;
        if (name === "querySelectorAll") return find.all;
        if (name === "getElementById") return find.byId;
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
    const scopedWindow = new Proxy(window, {
      get: (target, name) => {
        if (name === "__timelines") return (registry ??= registryOf(options));
        if (name === "__hyperframes") return hyperframes;
        return member(target, name);
      },
      set: (target, name, value) => {
        if (name !== "__timelines") return Reflect.set(target, name, value, target);
        // The usual `window.__timelines = window.__timelines || {}` must not put the proxy in the registry's place.
        if (value !== registry) {
          target.__timelines = value || {};
          registry = null;
        }
        return true;
      },
    });
    try {
      run.call(window, scopedDocument, scopedGsap(typeof gsap === "undefined" ? window.gsap : gsap, find), scopedWindow, hyperframes);
    } catch (error) {
      console.error(options.label, options.id, error);
      window.__hyperframesCapture?.noteFailure(`${error?.message ?? error} (in the part ${options.id})`);
    }
  };
})();
