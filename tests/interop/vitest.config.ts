import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:interop`: against a Python peer with torch, transformers and trl. No part of `npm test`. */
export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "") } },
  test: { include: ["tests/interop/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 600_000 },
});
