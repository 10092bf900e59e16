import { deriveDelta } from "@/trainer/adapters/bitdelta/derive";
import { saveDeltaFolder } from "@/trainer/adapters/bitdelta/folder";
import { adapted } from "@/trainer/adapters/openModel";
import { saveAdapterFolder } from "@/trainer/adapters/peftFolder";
import { methodOf, type UsedConfig } from "@/trainer/adapters/registry";
import { type AdapterConfig, adapterSchema } from "@/trainer/contracts/adapter";
import { Random } from "@/trainer/data/random";
import type { ModelFolder } from "@/trainer/io/modelFolder";
import { inFourBits } from "@/trainer/io/nf4/model";
import type { Parameters } from "@/trainer/io/safetensors";

export type CaseSettings = Partial<AdapterConfig> | { readonly method: "bitdelta" };

export interface AdapterCase<C extends UsedConfig = UsedConfig> {
  readonly base: ModelFolder;
  readonly config: C;
  readonly trained: Parameters;
  readonly kept: Parameters;
}

/** The parameters with noise of that size added to each of them. */
export function moved(parameters: Parameters, size: number, seed = 17): Parameters {
  const random = new Random(seed);
  const move = ([name, array]: [string, Parameters[string]]): [string, Parameters[string]] => [
    name,
    { ...array, data: Float32Array.from(array.data, (x) => x + size * random.normal()) },
  ];
  return Object.fromEntries(Object.entries(parameters).map(move));
}

/** An adapter of small sizes as it starts, or as if some training had moved each of its numbers. */
export function adapterCase(
  base: ModelFolder,
  settings: Partial<AdapterConfig>,
  by: number,
): AdapterCase<AdapterConfig> {
  const config = adapterSchema.parse({ rank: 4, alpha: 6, tokens: 5, ...settings });
  const method = methodOf(config);
  if (!method) throw new Error("a fully trained model has no adapter");
  const own = config.baseWeights === "nf4" ? inFourBits(base) : base;
  const { trained, kept } = method.start(config, own, 5);
  return { base: own, config, trained: moved(trained, by), kept };
}

/** The same; a derived one is of the base with all its weights moved, and some more where `by` says so. */
export function capabilityCase(base: ModelFolder, settings: CaseSettings, by: number): AdapterCase {
  if (settings.method !== "bitdelta") return adapterCase(base, settings, by);
  const tuned = { ...base, parameters: moved(base.parameters, 0.02 + by) };
  const { scales, signs, rest } = deriveDelta(base, tuned, { rest: "f16", embeddings: "kept" });
  return { base, config: settings, trained: scales, kept: { ...signs, ...rest } };
}

export const onBase = ({ base, config, trained, kept }: AdapterCase) =>
  adapted(base, { config, parameters: { ...trained, ...kept }, head: "causal" });

/** Writes a case's folder; `baseModel` is where its base is. */
export function saveCase(folder: string, { base, config, trained, kept }: AdapterCase, baseModel: string): void {
  const parameters = { ...trained, ...kept };
  if (config.method === "bitdelta") saveDeltaFolder(folder, parameters, { base, tuned: base, baseModel, card: "" });
  else saveAdapterFolder(folder, { config, parameters, head: "causal", baseModel }, base, "");
}
