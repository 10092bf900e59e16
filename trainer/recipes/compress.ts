import { statSync } from "node:fs";
import { join } from "node:path";
import { type Delta, deriveDelta } from "../adapters/bitdelta/derive";
import { saveDeltaFolder } from "../adapters/bitdelta/folder";
import { openBase, openModel, withDelta } from "../adapters/openModel";
import type { CompressionProgress, CompressionReport, CompressionSettings, Nearness } from "../contracts/compression";
import { TrainerError } from "../contracts/error";
import type { OptimizerConfig } from "../contracts/runConfig";
import { batchIndices } from "../data/batches";
import { readPreferences, readTexts, type Split } from "../data/examples";
import { tokenisePairs } from "../data/preferences";
import { derivedSeed, Random } from "../data/random";
import { encodeCompletion, encodePrompt } from "../data/text";
import { type ModelFolder, parameterCount } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import { weightFiles } from "../io/weights";
import { blank, type State, Stepper } from "../loop/stepper";
import { learningRate } from "../optim/schedule";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import { compressionCard } from "./compressionCard";
import { pairJudge } from "./evaluate";
import { matchObjective, nearness, outputsFor, type TextBatch, textBatch } from "./outputs";
import { chunks, pick } from "./run";

export interface CompressRequest {
  /** Folder of the fine-tuned model: all its weights, no adapter. */
  readonly model: string;
  /** Folder of the model it was tuned from. */
  readonly base: string;
  /** How the delta names its base, where that is not `base`: relative to the delta's folder. */
  readonly baseName?: string | undefined;
  /** Texts to distil on, and a held-out split to judge by. */
  readonly dataset: string;
  readonly output: string;
  readonly settings: CompressionSettings;
}

/** Texts and pairs of the held-out split that a delta is judged by, and texts of the other that decide whether distilling helped. */
const most = { texts: 64, pairs: 256, aside: 32 };

/** Adam as the paper has it; a step is measured by each scale's own size, so nothing is clipped or decayed. */
const optimizerOf = ({ learningRate: rate }: CompressionSettings): OptimizerConfig => ({
  algorithm: "adamw",
  learningRate: rate,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1e30,
  warmupRatio: 0,
  schedule: "cosine",
});

/**
 * Makes a delta of one bit a weight out of a fine-tuned model (BitDelta; Liu et al. 2024), distils its scales towards the
 * fine-tuned model's outputs, judges it before and after, and saves it. The base, the fine-tuned model and the signs are in
 * memory; nothing of them changes. Texts that took no part decide whether the distilled scales or the first ones are kept.
 */
export async function* compress(
  request: CompressRequest,
  provider: Provider,
  signal?: AbortSignal,
): AsyncGenerator<CompressionProgress, CompressionReport> {
  const started = performance.now();
  const { settings } = request;
  const { steps: totalSteps } = settings;
  yield { stage: "reading", step: 0, totalSteps, etaSeconds: null };
  const [base, tuned] = [openBase(request.base), openFull(request.model)];
  const delta = deriveDelta(base, tuned, settings);
  if (Object.keys(delta.signs).length === 0) {
    throw new TrainerError("bad_model", `${request.model}: none of its projections differs from the base's.`);
  }
  const data = gather(request, tuned);
  // Three programs a length of texts, and those that judge pairs.
  const cache = new SessionCache(stoppable(provider, signal), 32);
  const bench = new Bench(request, { base, tuned, delta, data }, cache);
  try {
    yield { stage: "judging", step: 0, totalSteps, etaSeconds: null };
    const judged = performance.now();
    const initial = await bench.judge(delta.scales);
    // What comes after takes about as long as this.
    const judgeSeconds = (performance.now() - judged) / 1000;
    const tunedMetrics = await bench.metricsOf(tuned);
    let scales = delta.scales;
    const distilling = performance.now();
    for await (const { step, scales: now } of bench.distil()) {
      scales = now;
      const each = (performance.now() - distilling) / 1000 / step;
      yield { stage: "distilling", step, totalSteps, etaSeconds: (totalSteps - step) * each + judgeSeconds };
    }
    const distilled = totalSteps > 0 && (await bench.aside(scales)) < (await bench.aside(delta.scales));
    yield { stage: "judging", step: totalSteps, totalSteps, etaSeconds: judgeSeconds };
    const final = distilled ? await bench.judge(scales) : initial;
    const result = {
      matrices: Object.keys(delta.signs).length,
      parameters: parameterCount(tuned.parameters),
      settings,
      heldOut: bench.heldOut,
      distilled,
      nearness: { initial: initial.nearness, final: final.nearness },
      metrics: { tuned: tunedMetrics, initial: initial.metrics, final: final.metrics },
    };
    return save(request, { base, tuned, delta, scales: distilled ? scales : delta.scales }, (bytes) => ({
      ...result,
      bytes,
      seconds: (performance.now() - started) / 1000,
    }));
  } finally {
    await cache.dispose();
  }
}

/** The provider whose programs stop with `cancelled` before their next run once the signal has come. */
const stoppable = (provider: Provider, signal: AbortSignal | undefined): Provider => ({
  ...provider,
  async compile(program, examples, open, resident) {
    const compiled = await provider.compile(program, examples, open, resident);
    return {
      ...compiled,
      async run(inputs, into) {
        if (signal?.aborted) throw new TrainerError("cancelled", "Cancelled.");
        return compiled.run(inputs, into);
      },
    };
  },
});

function openFull(folder: string): ModelFolder {
  const { parts, ...model } = openModel(folder);
  if (!parts) return model;
  throw new TrainerError(
    "bad_model",
    `${folder} is ${parts.adapter.method === "bitdelta" ? "a delta already" : "an adapter, which is small already"}: only a model of which all weights were tuned is compressed.`,
    { folder },
  );
}

/** What a delta is distilled on and judged by, as token ids. */
function gather({ dataset, settings }: CompressRequest, tuned: ModelFolder) {
  const maxLength = Math.min(settings.maxLength, tuned.config.maxPositions);
  const textsOf = (split: Split) =>
    readTexts(dataset, split)
      .map(({ prompt, completion }) => [
        ...encodePrompt(tuned, prompt),
        ...(completion.length > 0 ? encodeCompletion(tuned, prompt, completion) : []),
      ])
      .filter((ids) => ids.length > 0)
      .map((ids) => ids.slice(0, maxLength));
  const all = new Random(derivedSeed(settings.seed, 13)).shuffled(textsOf("train"));
  const heldOut = textsOf("test");
  const missing = all.length === 0 ? "train" : heldOut.length === 0 ? "test" : null;
  if (missing) throw new TrainerError("bad_dataset", `${dataset}/${missing}.jsonl holds no text.`, { dataset });
  const aside = Math.min(most.aside, Math.floor(all.length / 4));
  // Pairs are judged whole as far as the model reaches: an answer that is cut is another answer.
  const { pairs } = hasPairs(dataset)
    ? tokenisePairs(readPreferences(dataset, "test"), tuned, tuned.config.maxPositions)
    : { pairs: [] };
  return {
    train: all.slice(aside),
    // With too few texts to spare any, those that were trained on decide.
    aside: aside > 0 ? all.slice(0, aside) : all.slice(0, most.aside),
    heldOut: heldOut.slice(0, most.texts),
    pairs: pairs.slice(0, most.pairs),
  };
}

function hasPairs(dataset: string): boolean {
  try {
    return readPreferences(dataset, "test").length > 0;
  } catch (error) {
    if (error instanceof TrainerError && error.code === "bad_dataset") return false;
    throw error;
  }
}

interface Material {
  readonly base: ModelFolder;
  readonly tuned: ModelFolder;
  readonly delta: Delta;
  readonly data: ReturnType<typeof gather>;
}

interface Judged {
  readonly nearness: Nearness;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Where a delta is distilled and judged. */
class Bench {
  readonly heldOut: CompressionReport["heldOut"];
  private readonly heldOutBatches: readonly TextBatch[];
  private readonly model: ModelFolder;
  private readonly pairs;
  private readonly settings: CompressionSettings;

  constructor(
    { dataset, settings }: CompressRequest,
    private readonly material: Material,
    private readonly cache: SessionCache,
  ) {
    const { base, tuned, delta, data } = material;
    this.settings = settings;
    this.model = withDelta(base, tuned, { ...delta.signs, ...delta.rest, ...delta.scales });
    this.heldOutBatches = this.batches(data.heldOut);
    this.heldOut = {
      texts: data.heldOut.length,
      tokens: data.heldOut.reduce((sum, ids) => sum + ids.length, 0),
      pairs: data.pairs.length,
    };
    const judging = {
      dataset,
      beta: 0.1,
      batchSize: 8,
      maxLength: tuned.config.maxPositions,
      seed: settings.seed,
      reference: tuned.head === "reward" ? null : { ...base, config: tuned.config },
    };
    this.pairs = pairJudge(data.pairs, judging, cache);
  }

  private batches(texts: readonly (readonly number[])[]): TextBatch[] {
    const sorted = [...texts].sort((a, b) => a.length - b.length);
    return chunks(sorted, this.settings.batchSize).map(textBatch);
  }

  private readonly target = (batch: TextBatch) => outputsFor(this.material.tuned, batch, this.cache);

  private with(scales: Parameters) {
    const { config, head, parameters } = this.model;
    return { config, head, parameters: { ...parameters, ...scales } };
  }

  async metricsOf(model: Pick<ModelFolder, "config" | "head" | "parameters">): Promise<Record<string, number>> {
    return this.heldOut.pairs === 0 ? {} : (await this.pairs(model)).metrics;
  }

  async judge(scales: Parameters): Promise<Judged> {
    const model = this.with(scales);
    return {
      nearness: await nearness(model, this.heldOutBatches, this.target, this.cache),
      metrics: await this.metricsOf(model),
    };
  }

  /** The mean squared error on the texts that took no part. */
  async aside(scales: Parameters): Promise<number> {
    const batches = this.batches(this.material.data.aside);
    return (await nearness(this.with(scales), batches, this.target, this.cache)).square;
  }

  /** Trains the scales, and nothing else, to give the fine-tuned model's outputs. */
  async *distil(): AsyncGenerator<{ readonly step: number; readonly scales: Parameters }> {
    const { config, head, parameters } = this.model;
    const { delta, data } = this.material;
    const { steps, batchSize, seed } = this.settings;
    const optimizer = optimizerOf(this.settings);
    const frozen = Object.fromEntries(Object.entries(parameters).filter(([name]) => !(name in delta.scales)));
    // A step moves a scale by a share of what it began with, whether the fine-tuning moved the weights far or hardly.
    const rates = Object.fromEntries(
      Object.entries(delta.scales).map(
        ([
          name,
          {
            data: [a],
          },
        ]) => [name, a as number],
      ),
    );
    const stepper = new Stepper(this.cache, matchObjective(config, head), optimizer, { frozen, rates });
    const order = { batchSize: Math.min(batchSize, data.train.length), seed, alike: true };
    const lengths = data.train.map((ids) => ids.length);
    let state: State = { p: delta.scales, m: blank(delta.scales), v: blank(delta.scales) };
    for (let step = 1; step <= steps; step++) {
      const batch = textBatch(pick(data.train, batchIndices(lengths, order, step)));
      const rate = learningRate(optimizer, step, steps);
      const target = await this.target(batch);
      const { state: next, metrics } = await stepper.step(state, [{ ...batch, target }], { step, rate });
      if (!Number.isFinite(metrics.loss)) {
        throw new TrainerError("not_finite", `The scales' loss became ${metrics.loss}. Lower the learning rate.`);
      }
      state = next;
      yield { step, scales: state.p };
    }
  }
}

/** Writes the delta with a card that tells its figures. */
function save(
  { model, base: baseFolder, baseName = baseFolder, output }: CompressRequest,
  { base, tuned, delta, scales }: Omit<Material, "data"> & { readonly scales: Parameters },
  reportOf: (bytes: CompressionReport["bytes"]) => CompressionReport,
): CompressionReport {
  const parameters = { ...scales, ...delta.signs, ...delta.rest };
  const signs = Object.values(delta.signs).reduce((sum, { data }) => sum + data.byteLength, 0);
  const full = weightFiles(model).reduce((sum, path) => sum + statSync(path).size, 0);
  const write = (card: string) => saveDeltaFolder(output, parameters, { base, tuned, baseModel: baseName, card });
  write("");
  const stored = statSync(join(output, "delta.safetensors")).size;
  const report = reportOf({ full, delta: stored, signs, rest: stored - signs });
  write(compressionCard(model, baseName, report));
  return report;
}
