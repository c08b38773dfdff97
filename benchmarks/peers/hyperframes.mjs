// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// HyperFrames' distributed primitives on this machine: plan, chunks (several at once), assemble. Prints seconds by stage
// as JSON on its last line.
//
//   node hyperframes.mjs PROJECT OUTPUT WORK '{"chunkSize": 60, "maxParallelChunks": 2, "jobs": 2, "fps": 30, ...}'
import { assembleV2, planV2, renderChunkV2 } from "@hyperframes/producer/distributed";
import path from "node:path";
import { performance } from "node:perf_hooks";

const [project, output, work, options] = process.argv.slice(2);
const { jobs, onlyChunks, ...config } = JSON.parse(options);
const seconds = (from) => (performance.now() - from) / 1000;

let began = performance.now();
const planDir = path.join(work, "plan");
// Both checks want a network or refuse what is only a fallback; neither draws anything.
const relaxed = { rejectOnSystemFonts: false, failClosedFontFetch: false };
const plan = await planV2(project, { ...config, ...relaxed }, planDir);
const timings = { plan: seconds(began), chunks: [] };

const extension = config.format === "png-sequence" ? "" : `.${config.format}`;
const count = Math.min(plan.chunkCount, onlyChunks ?? plan.chunkCount);
const paths = Array.from({ length: count }, (_value, index) => path.join(work, `chunk-${index}${extension}`));
let next = 0;
began = performance.now();
await Promise.all(
  Array.from({ length: jobs }, async () => {
    while (next < paths.length) {
      const index = next++;
      const start = performance.now();
      await renderChunkV2(planDir, index, paths[index]);
      timings.chunks[index] = seconds(start);
    }
  }),
);
timings.render = seconds(began);
if (!onlyChunks) {
  began = performance.now();
  await assembleV2(planDir, paths, output);
  timings.assemble = seconds(began);
}
console.log(`\n${JSON.stringify(timings)}`);
process.exit(0); // its browsers keep the event loop alive
