import type { AdapterMethod } from "@/trainer/adapters/method";
import { adapted } from "@/trainer/adapters/openModel";
import { methodOf } from "@/trainer/adapters/registry";
import { type AdapterConfig, adapterSchema } from "@/trainer/contracts/adapter";
import { Random } from "@/trainer/data/random";
import type { ModelFolder } from "@/trainer/io/modelFolder";
import type { Parameters } from "@/trainer/io/safetensors";

export interface AdapterCase {
  readonly base: ModelFolder;
  readonly config: AdapterConfig;
  readonly method: AdapterMethod;
  readonly trained: Parameters;
  readonly kept: Parameters;
}

/** An adapter of small sizes as it starts, or as if some training had moved each of its numbers. */
export function adapterCase(base: ModelFolder, settings: Partial<AdapterConfig>, moved: number): AdapterCase {
  const config = adapterSchema.parse({ rank: 4, alpha: 6, tokens: 5, ...settings });
  const method = methodOf(config) as AdapterMethod;
  const { trained, kept } = method.start(config, base, 5);
  const random = new Random(17);
  const move = ([name, array]: [string, Parameters[string]]) => [
    name,
    { ...array, data: Float32Array.from(array.data, (x) => x + moved * random.normal()) },
  ];
  return { base, config, method, trained: Object.fromEntries(Object.entries(trained).map(move as never)), kept };
}

export const onBase = ({ base, config, trained, kept }: AdapterCase) =>
  adapted(base, { config, parameters: { ...trained, ...kept }, head: "causal" });
