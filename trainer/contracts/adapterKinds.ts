import { type AdapterConfig, adapterSchema } from "./adapter";
import type { SnapshotRunKind } from "./runConfig";
import type { Settings } from "./settings";

/** The ways to train that have a name of their own; each is a method with settings (trainer/adapters/capabilities.ts says what it promises). */
export const adapterKinds = [
  "full",
  "lora",
  "rslora",
  "dora",
  "pissa",
  "loraplus",
  "qlora",
  "prompt",
  "prefix",
] as const;
export type AdapterKind = (typeof adapterKinds)[number];

type Given = Partial<AdapterConfig>;

interface KindEntry {
  /** What makes it this one. */
  readonly settings: Given;
  readonly source: string;
  /** One set of weights can hold base and adapter. */
  readonly merges: boolean;
}

/** From the general to the special: the last that fits is what a configuration is. */
export const adapterKindEntries: Readonly<Record<AdapterKind, KindEntry>> = {
  full: { settings: {}, source: "", merges: true },
  lora: { settings: { method: "lora" }, source: "Hu et al. 2022", merges: true },
  rslora: { settings: { method: "lora", rankStabilised: true }, source: "Kalajdzievski 2023", merges: true },
  loraplus: { settings: { method: "lora", rateRatio: 16 }, source: "Hayou et al. 2024", merges: true },
  pissa: { settings: { method: "lora", initialisation: "pissa" }, source: "Meng et al. 2024", merges: true },
  dora: { settings: { method: "lora", decomposed: true }, source: "Liu et al. 2024", merges: true },
  qlora: { settings: { method: "lora", baseWeights: "nf4" }, source: "Dettmers et al. 2023", merges: true },
  prompt: { settings: { method: "prompt" }, source: "Lester et al. 2021", merges: false },
  prefix: { settings: { method: "prefix" }, source: "Li & Liang 2021", merges: false },
};

/** Its settings by their paths, as a form or a request sets them. */
export const settingsOfKind = (kind: AdapterKind): Settings =>
  Object.fromEntries(
    Object.entries(adapterKindEntries[kind].settings).map(([name, value]) => [`adapter.${name}`, value]),
  ) as Settings;

const kindFields: readonly string[] = [
  ...new Set(Object.values(adapterKindEntries).flatMap(({ settings }) => Object.keys(settings))),
];

/** The paths by which the ways differ. */
export const kindPaths: readonly string[] = kindFields.map((name) => `adapter.${name}`);

/** Which way a configuration is: of several that fit the most special one. Any ratio above 1 is LoRA+. */
export function adapterKindOf(adapter: Given): AdapterKind {
  const { method = "full", rateRatio = 1, ...rest } = adapter;
  const own: Given = { ...rest, method, rateRatio: rateRatio > 1 ? 16 : 1 };
  const fits = ({ settings }: KindEntry) =>
    (settings.method ?? "full") === method &&
    Object.entries(settings).every(([name, value]) => own[name as keyof AdapterConfig] === value);
  const names = Object.keys(adapterKindEntries) as AdapterKind[];
  return names.filter((name) => fits(adapterKindEntries[name])).at(-1) ?? "full";
}

/** The adapter that settings ask for; those that its schema refuses count as not set. */
export function adapterOf(settings: Settings): AdapterConfig {
  const given = Object.entries(settings).flatMap(([path, value]) =>
    path.startsWith("adapter.") ? [[path.slice("adapter.".length), value] as const] : [],
  );
  const right = given.filter(([name, value]) => adapterSchema.safeParse({ [name]: value }).success);
  return adapterSchema.parse(Object.fromEntries(right));
}

/**
 * The learning rate for what is trained, given the one for all weights. LoRA's is about ten times that whatever the rank, while
 * what it adds is scaled by α/r (Schulman et al. 2025, LoRA Without Regret); rsLoRA's scale is √r times that, so its rate is as
 * much lower; LoRA+ lowers A's because B's is so many times higher. A prompt and a prefix are few numbers far from the output: their
 * steps are as large for every objective. Measured on the starter model: docs/adapters.md. PPO's value model is trained whole at
 * the same rate, which holds it down.
 */
export function rateOf(kind: SnapshotRunKind, adapter: AdapterConfig, full: number): number {
  const { method, rank, rankStabilised, rateRatio, initialisation } = adapter;
  const careful = kind === "ppo" ? 1 / 3 : 1;
  switch (method) {
    case "full":
      return full;
    case "lora": {
      const stabilised = rankStabilised ? 1 / Math.sqrt(rank) : 1;
      const unequal = 1 / Math.sqrt(rateRatio);
      return careful * full * loraFactor * stabilised * unequal * (initialisation === "pissa" ? pissaFactor : 1);
    }
    case "prompt":
      return careful * promptRate;
    case "prefix":
      return careful * prefixRate;
  }
}

const [loraFactor, pissaFactor] = [10, 1 / 2];
const [promptRate, prefixRate] = [1e-2, 1.5e-2];
