import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exportFormats } from "@/server/domain/exports/formats";
import { formatLosses, lossSentences } from "@/server/domain/exports/losses";

test.each(exportFormats)("docs/formats.md says what %s does not carry", (format) => {
  const losses = formatLosses[format].map((loss) => lossSentences[loss]).join("; ");
  expect(readFileSync("docs/formats.md", "utf8")).toContain(`\n- \`${format}\`: ${losses}.\n`);
});
