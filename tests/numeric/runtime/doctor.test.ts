import { expect, test } from "vitest";
import { doctorReportSchema } from "@/trainer/contracts/doctor";
import { providerNames } from "@/trainer/contracts/provider";
import { examineMachine } from "@/trainer/doctor";

test("the doctor names every provider: a rate for what is here, a reason and a remedy for what is not", async () => {
  const report = doctorReportSchema.parse(await examineMachine(3));
  expect(report.providers.map((p) => p.name)).toEqual(providerNames);
  for (const { name, available, missing, remedy, tokensPerSecond } of report.providers) {
    if (available) expect(tokensPerSecond, name).toBeGreaterThan(0);
    else expect(missing && remedy, name).toMatch(/\w/);
  }
  const here = report.providers.filter((p) => p.available).map((p) => p.name);
  expect(here).toEqual(expect.arrayContaining(["onnx-cpu", "wasm"]));
  expect(report.chosen.name).toBe(here[0]);
});

test("without a benchmark nothing is measured", async () => {
  const { providers } = await examineMachine(0);
  expect(providers.every((p) => p.tokensPerSecond === null)).toBe(true);
});
