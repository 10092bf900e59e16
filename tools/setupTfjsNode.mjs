// `npm run setup:tfjs-node [-- --gpu]`: installs tfjs-node beside the project without making it a dependency. Install scripts
// are off (.npmrc); this runs its installer alone, which downloads TensorFlow (TFJS_NODE_BASE_URI names a mirror).
import { spawnSync } from "node:child_process";

const name = process.argv.includes("--gpu") ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
const steps = [
  ["install", "--no-save", `${name}@4.22.0`],
  ["rebuild", name, "--ignore-scripts=false", "--foreground-scripts"],
];
for (const args of steps) {
  console.log(`npm ${args.join(" ")}`);
  const { status } = spawnSync("npm", args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status === 0) continue;
  console.error(
    `${name} could not be installed. Behind a firewall set TFJS_NODE_BASE_URI to a mirror of TensorFlow's downloads. Tiebreak works without it.`,
  );
  process.exit(1);
}
console.log(`${name} is installed until the next npm ci.`);
