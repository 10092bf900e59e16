import { expect, test } from "vitest";
import { findNodeDir, planNative } from "@/tools/native.mjs";
import { nodeComplaint } from "@/tools/node.mjs";

const names = (facts: { loads: boolean; nodeDir: string | null }) => planNative(facts).map((step) => step.name);

test("nothing is built when the binding loads", () => {
  expect(names({ loads: true, nodeDir: "/usr" })).toEqual([]);
});

test("a prebuilt binding is tried first, then the headers beside Node, and a download only without them", () => {
  expect(names({ loads: false, nodeDir: "/usr" })).toEqual(["prebuilt", "local-headers"]);
  expect(names({ loads: false, nodeDir: null })).toEqual(["prebuilt", "downloaded-headers"]);
  const [, compile] = planNative({ loads: false, nodeDir: "/opt/node" });
  expect(compile?.env).toEqual({ npm_config_build_from_source: "true", npm_config_nodedir: "/opt/node" });
});

test("the headers are looked for under the prefix of the running Node", () => {
  const asked: string[] = [];
  const exists = (path: unknown) => {
    asked.push(String(path));
    return true;
  };
  expect(findNodeDir("/opt/node/bin/node", exists)).toBe("/opt/node");
  expect(asked).toEqual(["/opt/node/include/node/node_api.h"]);
});

test("an old Node is named in one line, 20.19 and newer are welcome", () => {
  expect(nodeComplaint("18.20.4")).toMatch(/needs Node 20.19 or newer; this is Node 18.20.4/);
  expect(nodeComplaint("20.18.9")).not.toBeNull();
  for (const version of ["20.19.0", "22.0.0", "24.1.0"]) expect(nodeComplaint(version)).toBeNull();
});
