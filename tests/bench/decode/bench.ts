import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "@/trainer/data/random";
import { parameterCount } from "@/trainer/io/modelFolder";
import { encodeSafetensors } from "@/trainer/io/safetensors";
import { configJson } from "@/trainer/models/configJson";
import { hardware } from "../hardware";
import type { BenchAnswer, BenchRequest } from "./protocol";
import { benchModel, type Size, sizes } from "./sizes";

/**
 * Tokens a second beside transformers' generate on the same random weights, in turn in the same run:
 * npm run bench:decode -- [--size 6M] [--batch 8] [--rounds 3]. TIEBREAK_PEER_PYTHON names a Python with torch and
 * transformers; without it only ours is measured.
 */
const promptTokens = 64;
const newTokens = 128;
const here = fileURLToPath(new URL(".", import.meta.url));
const python = process.env.TIEBREAK_PEER_PYTHON;
const threads = availableParallelism();

interface Side {
  readonly versions: string;
  ask(request: BenchRequest): Promise<BenchAnswer>;
  end(): void;
}

async function start(command: string, args: readonly string[]): Promise<Side> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args[0]} ended`);
    return JSON.parse(value);
  };
  const { versions } = await next();
  return {
    versions,
    ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return next();
    },
    end: () => child.stdin.end(),
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

function promptsOf(size: Size, batch: number): number[][] {
  const random = new Random(11);
  return Array.from({ length: batch }, () =>
    Array.from({ length: promptTokens }, () => random.below(sizes[size].vocabSize)),
  );
}

/** Medians over rounds in which the sides take turns: sampled throughput and the time to the first token. */
async function measure(sides: Readonly<Record<string, Side>>, size: Size, batch: number, rounds: number) {
  const ids = promptsOf(size, batch);
  const taken: Record<string, { whole: number[]; first: number[]; peak: number }> = {};
  const greedy: BenchAnswer[] = [];
  for (const [name, side] of Object.entries(sides)) {
    taken[name] = { whole: [], first: [], peak: 0 };
    greedy.push(await side.ask({ ids, newTokens: 16, sample: false }));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, side] of Object.entries(sides)) {
      const first = await side.ask({ ids, newTokens: 1, sample: true });
      const whole = await side.ask({ ids, newTokens, sample: true });
      taken[name]?.first.push(first.seconds);
      taken[name]?.whole.push(whole.seconds);
      (taken[name] as { peak: number }).peak = whole.peakBytes;
    }
  }
  return {
    sameGreedy: greedy.every((g) => JSON.stringify(g.tokens) === JSON.stringify(greedy[0]?.tokens)),
    sides: Object.fromEntries(
      Object.entries(taken).map(([name, { whole, first, peak }]) => [
        name,
        { perSecond: (batch * newTokens) / median(whole), firstMs: 1000 * median(first), peakMb: peak / 2 ** 20 },
      ]),
    ),
  };
}

const { values } = parseArgs({
  options: {
    size: { type: "string", multiple: true, default: ["6M", "35M"] },
    batch: { type: "string", multiple: true, default: ["1", "8", "32"] },
    rounds: { type: "string", default: "3" },
  },
});

console.log(`${hardware()}, ${threads} threads; ${promptTokens} tokens of prompt, ${newTokens} new, sampled.`);
for (const size of values.size as Size[]) {
  const folder = mkdtempSync(join(tmpdir(), "bench-decode-"));
  const { config, parameters } = benchModel(size);
  writeFileSync(join(folder, "config.json"), JSON.stringify(configJson(config, "causal", "float32")));
  writeFileSync(join(folder, "model.safetensors"), encodeSafetensors(parameters, "F32"));
  const sides = {
    ours: await start(process.execPath, ["--import", "tsx", join(here, "ours.ts"), size, String(threads)]),
    ...(python && { transformers: await start(python, [join(here, "peer.py"), folder, String(threads)]) }),
  };
  console.log(
    `\n${size}: ${parameterCount(parameters)} parameters (${Object.values(sides)
      .map((s) => s.versions)
      .join("; ")})\n`,
  );
  console.log(
    "| batch | side | tokens/s | first token, ms | peak memory, MB | same greedy tokens |\n|---|---|---|---|---|---|",
  );
  for (const batch of values.batch.map(Number)) {
    const { sameGreedy, sides: figures } = await measure(sides, size, batch, Number(values.rounds));
    for (const [name, { perSecond, firstMs, peakMb }] of Object.entries(figures)) {
      console.log(
        `| ${batch} | ${name} | ${perSecond.toFixed(0)} | ${firstMs.toFixed(1)} | ${peakMb.toFixed(0)} | ${sameGreedy ? "yes" : "no"} |`,
      );
    }
    const { ours, transformers } = figures;
    if (ours && transformers)
      console.log(
        `| ${batch} | ratio | ${(ours.perSecond / transformers.perSecond).toFixed(2)} | ${(transformers.firstMs / ours.firstMs).toFixed(2)} | | |`,
      );
  }
  for (const side of Object.values(sides)) side.end();
  rmSync(folder, { recursive: true });
}
