import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These take longest: they start first in their layer, so that nothing waits for them at its end. */
const longest = ["e2e/accessibility", "e2e/runs", "worker/worker", "integration/trainerCli", "data/roundTrips"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** Layers run one after the other, the fast ones first. */
const layer = (groupOrder: number, name: string, extra: object = {}) => ({
  extends: true as const,
  test: { name, include: [`tests/${name}/**/*.test.ts`], sequence: { groupOrder }, ...extra },
});

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      layer(0, "unit"),
      // The engine takes every core by itself; real processes and browsers wait for one another most of the time.
      layer(1, "numeric", { testTimeout: 120_000, maxWorkers: 1 }),
      layer(2, "integration", { testTimeout: 120_000, maxWorkers: 2 }),
      layer(3, "e2e", { testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 2 }),
    ],
  },
});
