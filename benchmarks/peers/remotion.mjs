// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Renders a composition of a bundle with Remotion, one browser for the whole render, with its own ffmpeg.
//
//   node remotion.mjs BUNDLE OUTPUT '{"composition": "letters", "browser": "chromium", "concurrency": 2, "lossless": false}'
import { openBrowser, renderMedia, selectComposition } from "@remotion/renderer";

const [serveUrl, outputLocation, options] = process.argv.slice(2);
const { composition: id, browser, concurrency, lossless } = JSON.parse(options);

// A browser of one's own is what keeps Remotion from fetching one.
const common = { serveUrl, browserExecutable: browser, chromeMode: "headless-shell", logLevel: "error" };
const puppeteerInstance = await openBrowser("chrome", common);
const composition = await selectComposition({ ...common, puppeteerInstance, id });
// By default it takes JPEG pictures of quality 80 and encodes them, in JPEG's range of colours, at a constant rate factor
// of 18. It refuses 0, which loses nothing.
const kept = { "-crf": "0", "-pix_fmt": "yuvj420p" };
const withoutLoss = {
  imageFormat: "png",
  ffmpegOverride: ({ args }) => args.map((word, index) => kept[args[index - 1]] ?? word),
};
await renderMedia({
  ...common,
  puppeteerInstance,
  composition,
  outputLocation,
  concurrency,
  codec: "h264",
  ...(lossless ? withoutLoss : {}),
});
await puppeteerInstance.close({ silent: true });
