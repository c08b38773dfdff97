// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Media that scripts made or gave a source to. A function of ({known: [id, ...]}); answers
// [{tag, id, path, offset, limit, attributes}, ...], where offset and limit come from the hosts around.
({ known }) => {
  const skip = new Set(known);
  const found = [];
  for (const element of document.querySelectorAll("video[data-start], audio[data-start]")) {
    const id = element.getAttribute("data-hf-render-id") || element.id;
    const source = element.currentSrc || element.src || element.querySelector("source")?.src || "";
    if (!id || skip.has(id) || !source) continue;
    const url = new URL(source, location.href);
    if (url.origin !== location.origin) continue;
    let offset = 0;
    let limit = Infinity;
    const hosts = [];
    for (let host = element.parentElement; host; host = host.parentElement) {
      if (host.hasAttribute("data-composition-file")) hosts.unshift(host);
    }
    for (const host of hosts) {
      const end = Number.parseFloat(host.dataset.end);
      if (Number.isFinite(end)) limit = Math.min(limit, offset + end);
      offset += Number.parseFloat(host.dataset.start) || 0;
    }
    const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
    if (element.muted) attributes.muted = "";
    if (element.loop) attributes.loop = "";
    found.push({
      tag: element.localName,
      id,
      path: decodeURIComponent(url.pathname),
      offset,
      limit: Number.isFinite(limit) ? limit : null,
      attributes,
    });
  }
  return found;
}
