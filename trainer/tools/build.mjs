// Builds the trainer's package: the vendored gradients and the CLI as one file. Packages stay outside the bundle.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildVendor } from "./buildVendor.mjs";

const trainer = dirname(dirname(fileURLToPath(import.meta.url)));

export async function buildTrainer() {
  await buildVendor();
  const { build } = await import("esbuild");
  await build({
    entryPoints: { cli: join(trainer, "cli.ts"), gpuChild: join(trainer, "runtime", "gpuChild.ts") },
    outdir: join(trainer, "dist"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildTrainer();
