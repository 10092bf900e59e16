import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Layers run one after the other, the fast ones first. */
const layer = (groupOrder: number, name: string, extra: object = {}) => ({
  extends: true as const,
  test: { name, include: [`tests/${name}/**/*.test.ts`], sequence: { groupOrder }, ...extra },
});

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    projects: [
      layer(0, "unit"),
      // The engine takes every core by itself; real processes and browsers wait for one another most of the time.
      layer(1, "numeric", { testTimeout: 120_000, maxWorkers: 1 }),
      layer(2, "integration", { testTimeout: 120_000, maxWorkers: 2 }),
      layer(3, "e2e", { testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 2 }),
    ],
  },
});
