import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModelFolder, type ModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import { tokenLogProbs } from "@/trainer/models/head";
import type { TensorParameters } from "@/trainer/models/tensors";
import { hiddenStates, outputWeight } from "@/trainer/models/transformer";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { type HostArray, int32 } from "@/trainer/runtime/tree";
import { families, tinyFamily } from "../helpers/tinyFamilies";

const python = process.env.TIEBREAK_PEER_PYTHON;
if (!python) console.warn("Skipped: set TIEBREAK_PEER_PYTHON to a Python with torch and transformers.");

const folder = mkdtempSync(join(tmpdir(), "families-"));
const folderOf = (family: string) => family.replaceAll(/[^a-z0-9]+/g, "-");
const ids = Array.from({ length: 24 }, (_, i) => (i * 37 + 5) % 260);
type Answer = Readonly<Record<"ours" | "theirs", number[]>> & { readonly type: string };
let answers: Record<string, Answer>;
let provider: Provider;

beforeAll(async () => {
  if (!python) return;
  const names = Object.keys(families).map((family) => {
    saveModelFolder(join(folder, folderOf(family)), tinyFamily(family), "", "F32");
    return folderOf(family);
  });
  writeFileSync(join(folder, "spec.json"), JSON.stringify({ names, ids }));
  execFileSync(python, [resolve("tests/interop/families.py"), folder], { stdio: ["ignore", "ignore", "inherit"] });
  answers = JSON.parse(readFileSync(join(folder, "answers.json"), "utf8"));
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider?.close());

/** log p of each token after the first. */
async function logProbs({ config, parameters }: ModelFolder): Promise<number[]> {
  const program = (p: TensorParameters, input: tf.Tensor, next: tf.Tensor) =>
    tokenLogProbs(hiddenStates(p, config, input), outputWeight(p, config), tf.reshape(next, [-1]));
  const T = ids.length - 1;
  const args = [parameters, int32(ids.slice(0, -1), [1, T]), int32(ids.slice(1), [1, T])] as never;
  const compiled = await provider.compile(program as never, args);
  const { data } = (await compiled.run(args)) as unknown as HostArray;
  await compiled.dispose();
  return Array.from(data);
}

const largestGap = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number))));

describe.skipIf(!python).each(Object.keys(families))("%s", (family) => {
  test("transformers reads the folder that is saved here: log-probabilities within 1e-4", async () => {
    const { ours } = answers[folderOf(family)] as Answer;
    expect(ours.length).toBe(ids.length - 1);
    expect(largestGap(await logProbs(loadModelFolder(join(folder, folderOf(family)))), ours)).toBeLessThan(1e-4);
  });

  test("a folder that transformers saved, in several files, is read here: log-probabilities within 1e-4", async () => {
    const theirs = join(folder, `theirs-${folderOf(family)}`);
    expect(readdirSync(theirs).filter((name) => name.endsWith(".safetensors")).length).toBeGreaterThan(1);
    const { theirs: expected } = answers[folderOf(family)] as Answer;
    expect(largestGap(await logProbs(loadModelFolder(theirs)), expected)).toBeLessThan(1e-4);
  });
});
