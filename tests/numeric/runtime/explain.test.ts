import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { runExplain } from "@/trainer/cli/explain";

test("`explain` prints the graph that ARCHITECTURE.md shows, and runs it to the numbers of a hand", async () => {
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  await runExplain();
  write.mockRestore();
  const lines = printed.map((line) => line.trim());
  const shown = readFileSync("ARCHITECTURE.md", "utf8")
    .split("\n")
    .filter((line) => /^(node|output) /.test(line));
  expect(shown.length).toBe(8);
  expect(lines.filter((line) => /^(node|output) /.test(line))).toEqual(shown);
  // x·w = [[4, 5], [10, 11]]: 16 + 25 + 100 + 121; w₁₁ − 0.01 · 2 · (1·4 + 4·10).
  expect(lines.at(-1)).toMatch(/loss 262, w 0\.12 /);
});
