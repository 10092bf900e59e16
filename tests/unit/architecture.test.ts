import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const planted = join("server", "domain", "planted.ts");
afterAll(() => rmSync(planted, { force: true }));

const cruise = () =>
  spawnSync(
    process.execPath,
    ["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", "server", "--config", ".dependency-cruiser.cjs"],
    {
      encoding: "utf8",
    },
  );

test("a forbidden import is caught and named", { timeout: 60_000 }, () => {
  writeFileSync(planted, 'import { train } from "@/trainer/recipes/train";\nexport const planted = train;\n');
  const { status, stdout } = cruise();
  expect(status).not.toBe(0);
  expect(stdout).toMatch(/domain-is-a-leaf: server\/domain\/planted\.ts → trainer\/recipes\/train\.ts/);
});
