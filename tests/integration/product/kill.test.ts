import { expect, test } from "vitest";
import { killTest } from "./killTest";

/** `npm run test:kill -- --kills 100` is the long version. */
test("web, worker, compute and supervisor killed at random: no vote lost or doubled, every run finishes", async () => {
  const report = await killTest({ kills: 8, pauseMs: 2_000 });
  console.log(JSON.stringify(report));
  expect(report).toMatchObject({ differences: [], overfull: 0, orphans: [] });
  expect(Object.keys(report.runStates)).toEqual(["finished"]);
  expect(Object.values(report.kills).reduce((a, b) => a + b)).toBe(8);
  expect(report.votes).toBeGreaterThan(100);
}, 240_000);
