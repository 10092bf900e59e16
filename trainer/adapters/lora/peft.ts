import { z } from "zod";
import { type AdapterConfig, adapterSchema } from "../../contracts/adapter";
import { TrainerError } from "../../contracts/error";
import { allProjections } from "../../models/names";
import { float32, type HostArray } from "../../runtime/tree";
import type { AdapterMethod } from "../method";
import { requireShapes } from "../shapes";
import { lastPart, loraNames } from "./names";

/**
 * PEFT's LoRA. PiSSA's s·(BA − B₀A₀) is one LoRA of twice the rank on the base as it was: A over A₀, B beside −B₀, α such
 * that the scale stays.
 */
export const loraToPeft: AdapterMethod["toPeft"] = (config, llama, adapter) => {
  const targets = allProjections(llama).filter(({ name }) => adapter[loraNames(name).a]);
  const twofold = targets.some(({ name }) => adapter[loraNames(name).initialA]);
  const tensors: Record<string, HostArray> = {};
  for (const { name } of targets) {
    const n = loraNames(name);
    const array = (key: string) => adapter[key] as HostArray;
    tensors[n.a] = twofold ? stacked(array(n.a), array(n.initialA)) : array(n.a);
    tensors[n.b] = twofold ? sideBySide(array(n.b), array(n.initialB)) : array(n.b);
    if (adapter[n.magnitude]) tensors[n.magnitude] = array(n.magnitude);
  }
  const { rank, alpha, rankStabilised, decomposed, dropout } = config;
  return {
    fields: {
      peft_type: "LORA",
      r: twofold ? 2 * rank : rank,
      lora_alpha: twofold ? alpha * (rankStabilised ? Math.SQRT2 : 2) : alpha,
      lora_dropout: dropout,
      target_modules: [...new Set(targets.map(lastPart))],
      bias: "none",
      fan_in_fan_out: llama.family === "gpt2",
      use_rslora: rankStabilised,
      use_dora: decomposed,
      rank_pattern: {},
      alpha_pattern: {},
    },
    tensors,
  };
};

/** A [r, in] over A₀: [2r, in]. */
function stacked({ shape, data }: HostArray, initial: HostArray): HostArray {
  const out = new Float32Array(2 * data.length);
  out.set(data);
  out.set(initial.data, data.length);
  return float32(out, [2 * (shape[0] as number), shape[1] as number]);
}

/** B [out, r] beside −B₀: [out, 2r]. */
function sideBySide({ shape, data }: HostArray, initial: HostArray): HostArray {
  const [rows, rank] = shape as [number, number];
  const out = new Float32Array(2 * rows * rank);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rank; j++) {
      out[i * 2 * rank + j] = data[i * rank + j] as number;
      out[i * 2 * rank + rank + j] = -(initial.data[i * rank + j] as number);
    }
  }
  return float32(out, [rows, 2 * rank]);
}

const empty = z.record(z.string(), z.never()).nullish();
const nothing = z.union([z.null(), z.literal(false), z.tuple([])]).optional();
const fieldsSchema = z.object({
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  bias: z.literal("none").default("none"),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  rank_pattern: empty,
  alpha_pattern: empty,
  layer_replication: nothing,
  trainable_token_indices: nothing,
  target_parameters: nothing,
  use_qalora: nothing,
  alora_invocation_tokens: nothing,
});

const bad = (what: string) => new TrainerError("bad_model", `adapter_config.json: ${what}`);

export const loraFromPeft: AdapterMethod["fromPeft"] = ({ fields, tensors }, llama) => {
  const parsed = fieldsSchema.safeParse(fields);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(
      `${issue?.path.join(".")}: ${issue?.message}. LoRA, rsLoRA and DoRA with one rank for all layers are read.`,
    );
  }
  const { r: rank, lora_alpha, lora_dropout, use_rslora, use_dora } = parsed.data;
  const expected = new Map<string, readonly number[]>();
  const targets = allProjections(llama).filter(({ name }) => tensors[loraNames(name).a]);
  for (const { name, input, output } of targets) {
    const n = loraNames(name);
    expected.set(n.a, [rank, input]);
    expected.set(n.b, [output, rank]);
    if (use_dora) expected.set(n.magnitude, [output]);
  }
  requireShapes(tensors, expected);
  const config: AdapterConfig = adapterSchema.parse({
    method: "lora",
    rank,
    alpha: lora_alpha,
    dropout: lora_dropout,
    targets: [...new Set(targets.map(lastPart))],
    rankStabilised: use_rslora,
    decomposed: use_dora,
  });
  return { config, adapter: tensors };
};
