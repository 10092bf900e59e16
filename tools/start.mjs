// `npm start`, `npm run admin-link`, `backup` and `restore`: the native step, the build when something changed, then the built program in this
// same process, so that a signal reaches it directly.
import { ensureBuilt } from "./build.mjs";
import { ensureNative } from "./native.mjs";
import { requireNode } from "./node.mjs";

requireNode();
ensureNative();
await ensureBuilt();
process.setSourceMapsEnabled(true);
await import(`../dist/${process.argv[2] ?? "supervisor"}.mjs`);
