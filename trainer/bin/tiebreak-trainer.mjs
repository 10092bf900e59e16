#!/usr/bin/env node
// What npm links as `tiebreak-trainer`. npm links a workspace's command only when its file is there at install, so the
// bundle itself cannot be it: a checkout builds that at its first call. The package as published brings it along.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bundle = new URL("../dist/cli.mjs", import.meta.url);
if (!existsSync(fileURLToPath(bundle))) {
  const { buildTrainer } = await import("../tools/build.mjs");
  await buildTrainer();
}
await import(bundle);
