// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: Apache-2.0
//
// Unpacks the peers' Chromium with its libraries into a folder: node unpack_chromium.mjs PACKAGE FOLDER
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";

const [pack, folder] = process.argv.slice(2);
const unpacked = (name) => brotliDecompressSync(readFileSync(path.join(pack, "bin", name)));
mkdirSync(folder, { recursive: true });
for (const name of ["swiftshader.tar.br", "al2023.tar.br"]) {
  execFileSync("tar", ["-x", "-C", folder], { input: unpacked(name) });
}
writeFileSync(path.join(folder, "chromium"), unpacked("chromium.br"));
chmodSync(path.join(folder, "chromium"), 0o755);
