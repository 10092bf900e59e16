import { z } from "zod";
import { count, field, titled } from "./field";

export const adapterMethods = ["full", "lora", "prompt", "prefix"] as const;
export type AdapterMethodName = (typeof adapterMethods)[number];

export const baseWeightKinds = ["full", "nf4"] as const;
export type BaseWeights = (typeof baseWeightKinds)[number];

/** Bytes of a weight in NF4 with double quantisation: 4 bits, 8 for each 64 of them, 32 for each 256 of those. */
export const nf4Bytes = 1 / 2 + 1 / 64 + 4 / (64 * 256);

/** What of a model is trained. Fields that the method does not read are left alone. */
export const adapterSchema = z.object({
  method: titled(
    "What to train",
    field(
      z.enum(adapterMethods).default("full"),
      "All weights; or beside frozen ones low-rank matrices (lora), embeddings before every text (prompt), or keys and values before it (prefix).",
      "Hu et al. 2022 (lora), Lester et al. 2021 (prompt), Li & Liang 2021 (prefix)",
    ),
  ),
  baseWeights: titled(
    "Base's weights",
    field(
      z.enum(baseWeightKinds).default("full"),
      "Beside an adapter the frozen base may lie in 4 bits (nf4, QLoRA): an eighth of the memory for its projections.",
      "full precision; Dettmers et al. 2023 (QLoRA)",
    ),
  ),
  rank: field(count.max(4096).default(16), "LoRA: r, the rank of what is added to a matrix.", "PEFT has 8"),
  alpha: field(
    z.number().positive().default(32),
    "LoRA: what is added is scaled by α/r.",
    "Schulman et al. 2025, LoRA Without Regret",
  ),
  dropout: titled(
    "Adapter dropout",
    field(
      z.number().min(0).lt(1).default(0),
      "LoRA: share of its inputs that a training step drops.",
      "TRL, which switches it off for preferences",
    ),
  ),
  targets: titled(
    "Adapted projections",
    field(
      z.array(z.string().min(1)).min(1).optional(),
      "LoRA: which projections, by the last part of their names: q_proj, v_proj.",
      "all of them (Dettmers et al. 2023)",
    ),
  ),
  rankStabilised: titled(
    "Rank-stabilised",
    field(z.boolean().default(false), "LoRA: scale by α/√r, for large ranks.", "Kalajdzievski 2023 (rsLoRA)"),
  ),
  decomposed: titled(
    "Magnitude and direction",
    field(z.boolean().default(false), "LoRA: train each row's length on its own.", "Liu et al. 2024 (DoRA)"),
  ),
  initialisation: titled(
    "Initialisation",
    field(
      z.enum(["random", "pissa"]).default("random"),
      "LoRA: start from noise, or from the matrix's own largest singular directions.",
      "Meng et al. 2024 (PiSSA)",
    ),
  ),
  rateRatio: titled(
    "Rate of B over A",
    field(
      z.number().positive().default(1),
      "LoRA: how much faster B learns than A; its paper takes 16.",
      "Hayou et al. 2024 (LoRA+)",
    ),
  ),
  tokens: titled(
    "Virtual tokens",
    field(
      count.max(1024).default(20),
      "Prompt and prefix: places before every text.",
      "Lester et al. 2021 take 20–100",
    ),
  ),
  startText: field(
    z.string().min(1).optional(),
    "Prompt: a text whose embeddings, repeated as often as needed, the virtual tokens start from.",
    "noise of the embeddings' own size",
  ),
  reparametrised: field(
    z.boolean().default(false),
    "Prefix: train it through a small network, of which only the result is kept.",
    "Li & Liang 2021, section 4.3",
  ),
});
export type AdapterConfig = z.infer<typeof adapterSchema>;

/** Whether a method reads a field of the adapter's settings. */
export const usesAdapterField = (method: string, field: string | undefined): boolean =>
  field === "method" || (fieldsOf[method as AdapterMethodName] ?? []).some((name) => name === field);

const fieldsOf: Readonly<Record<AdapterMethodName, readonly (keyof AdapterConfig)[]>> = {
  full: [],
  lora: [
    "baseWeights",
    "rank",
    "alpha",
    "dropout",
    "targets",
    "rankStabilised",
    "decomposed",
    "initialisation",
    "rateRatio",
  ],
  prompt: ["baseWeights", "tokens", "startText"],
  prefix: ["baseWeights", "tokens", "reparametrised"],
};
