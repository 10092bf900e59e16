import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { train } from "@/trainer/recipes/train";
import type { Provider } from "@/trainer/runtime/program";
import { tinyModel, writeRuleDataset } from "../../helpers/tinyModel";

/** A step's weights and moments are about 2.4 MB here: kept by mistake, the 140 steps below would add 300 MB. */
const mostGrowth = 30 * 2 ** 20;

test.each([
  ["in one batch", {}],
  ["in batches of three", { microBatchSize: 3 }],
])(
  "200 steps %s: tensors and sessions stay as many as they were, resident memory grows by less than 30 MB",
  async (_, more) => {
    const folder = mkdtempSync(join(tmpdir(), "flat-"));
    const sizes = { hiddenSize: 96, intermediateSize: 192, headSize: 24 };
    saveModelFolder(join(folder, "base"), tinyModel(1, sizes), "", "F32");
    const dataset = writeRuleDataset(join(folder, "data"), 32);
    const opened: Provider[] = [];
    const around = (provider: Provider) => {
      opened.push(provider);
      return provider;
    };
    const config = {
      kind: "dpo" as const,
      baseModel: join(folder, "base"),
      dataset,
      output: join(folder, "out"),
      batchSize: 8,
      maxLength: 64,
      epochs: 200,
      maxSteps: 200,
      evalEvery: 50,
      checkpointEvery: 200,
      samplePrompts: 1,
      sampleTokens: 4,
      optimizer: { learningRate: 1e-4 },
      ...more,
    };
    const seen: { rss: number; tensors: number; sessions: number }[] = [];
    for await (const event of train(config, { around })) {
      if (event.type !== "step") continue;
      const { tensors, sessions } = (opened[0] as Provider).stats();
      seen.push({ rss: event.residentBytes, tensors, sessions });
    }
    expect(seen).toHaveLength(200);
    // By step 60 each planned shape of batch has been compiled and one evaluation made.
    const [warm, last] = [seen[59], seen[199]] as [(typeof seen)[0], (typeof seen)[0]];
    expect(last.tensors).toBe(warm.tensors);
    expect(last.sessions).toBe(warm.sessions);
    expect(last.rss - warm.rss).toBeLessThan(mostGrowth);
  },
);
