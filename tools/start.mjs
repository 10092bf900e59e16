// `npm start`: check, build what must be built, then become the supervisor.
import { build } from "./build.mjs";
import { ensureNative } from "./native.mjs";
import { requireNode } from "./node.mjs";

requireNode();
ensureNative();
await build();
await import("../dist/supervisor.mjs");
