// tfjs-core's Node bundle registers no gradients, and its ES modules do not import in Node. This bundles the one file that
// registers them, `dist/register_all_gradients.js`; engine and registries are global in tfjs, so both copies share them.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const trainer = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const { version } = require("@tensorflow/tfjs-core/package.json");
const outfile = join(trainer, "vendor", `tfjs-gradients.mjs`);
const stamp = join(trainer, "vendor", `version-${version}`);

export async function buildVendor() {
  if (existsSync(outfile) && existsSync(stamp)) return;
  const { build } = await import("esbuild");
  const { writeFileSync } = await import("node:fs");
  await build({
    entryPoints: [
      join(dirname(require.resolve("@tensorflow/tfjs-core/package.json")), "dist", "register_all_gradients.js"),
    ],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
    logLevel: "warning",
    banner: { js: 'import { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);' },
  });
  writeFileSync(stamp, "");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildVendor();
