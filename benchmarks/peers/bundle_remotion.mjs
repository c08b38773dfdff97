// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Bundles remotion/ for remotion.mjs: node bundle_remotion.mjs FOLDER
import { bundle } from "@remotion/bundler";
import path from "node:path";

const here = import.meta.dirname;
await bundle({ entryPoint: path.join(here, "remotion/index.js"), outDir: path.resolve(process.argv[2]), rootDir: here });
