import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const project = (name: string, extra: object = {}) => ({
  extends: true as const,
  test: { name, include: [`tests/${name}/**/*.test.ts`], ...extra },
});

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    projects: [
      project("unit"),
      project("contract"),
      project("numeric", { testTimeout: 120_000, maxWorkers: 1 }),
      project("integration", { testTimeout: 120_000, maxWorkers: 1 }),
      project("e2e", { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false }),
    ],
  },
});
