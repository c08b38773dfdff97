// SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a user of HyperFrames' own client does: stage a project, render it, poll until it ends. Prints what it was told.
import { deploySite, getRenderProgress, renderToLambda } from "@hyperframes/aws-lambda/sdk";

const { project: projectDir, bucket: bucketName, machine: stateMachineArn, region } = JSON.parse(process.argv[2]);
const config = { fps: 30, width: 320, height: 180, format: "mp4", quality: "standard", maxParallelChunks: 4 };

const site = await deploySite({ projectDir, bucketName, region });
const again = await deploySite({ projectDir, bucketName, region });
const outputKey = "outputs/node-sdk.mp4";
const render = await renderToLambda({ siteHandle: site, config, bucketName, stateMachineArn, region, outputKey });
const seen = [];
let progress;
do {
  await new Promise((resolve) => setTimeout(resolve, 500));
  progress = await getRenderProgress({ executionArn: render.executionArn, region });
  seen.push(progress.overallProgress);
} while (progress.status === "RUNNING");
console.log(JSON.stringify({ uploaded: [site.uploaded, again.uploaded], render, progress, seen }));
