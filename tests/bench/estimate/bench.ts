/**
 * `npm run bench:estimate`: how far the time that a run names after 20 steps, and the one that a look ahead names before it,
 * are from what the run then takes. The demo's pairs, the preset that the page recommends, each kind of run that learns from pairs once.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyRunView, foldEvents, forecastError } from "@/app/_features/runs/runEvents";
import { presetConfig } from "@/trainer/contracts/preset";
import { isOnline, type RunConfigInput, snapshotRunKinds } from "@/trainer/contracts/runConfig";
import { preflight } from "@/trainer/recipes/preflight";
import { parseConfig, train } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";
import { demoSnapshot, readPairs } from "../demo/snapshot";
import { hardware } from "../hardware";

/** What the product promises of the estimate after 20 steps. */
const promised = 0.3;

const folder = mkdtempSync(join(tmpdir(), "bench-estimate-"));
const row = (...cells: (string | number)[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const share = (error: number) => `${error < 0 ? "−" : "+"}${Math.abs(100 * error).toFixed(1)} %`;

const provider = await openProvider("auto");
const dataset = await demoSnapshot(folder);
const pairs = readPairs(dataset, "train").length;
process.stdout.write(`${hardware()}; ${pairs} pairs, preset balanced\n\n`);
row("run", "steps", "took s", "after 20 steps s", "off", "before it s", "off");
row(...Array<string>(7).fill("---"));
// Those that sample have no batches of the data, and a judge of their own.
for (const kind of snapshotRunKinds.filter((one) => !isOnline(one))) {
  const config = {
    ...presetConfig(kind, "balanced", pairs),
    baseModel: "trainer/starter",
    dataset,
    output: join(folder, kind),
  } as RunConfigInput;
  const before = (await preflight(parseConfig(config), provider)).stepSeconds;
  let view = emptyRunView;
  let seq = 0;
  for await (const event of train(config)) view = foldEvents(view, [{ seq: seq++, event }]);
  const off = forecastError(view);
  if (!view.done || !view.forecast || off === null) throw new Error(`${kind} ended without a forecast`);
  const { seconds } = view.done;
  const cells = [seconds.toFixed(1), view.forecast.seconds.toFixed(1), share(off), before.toFixed(1)];
  row(kind, view.done.step, ...cells, share(before / seconds - 1));
  if (Math.abs(off) > promised) process.exitCode = 1;
}
process.stdout.write(`\n${process.exitCode ? "NOT KEPT" : "Kept"}: within ${100 * promised} % after 20 steps\n`);
