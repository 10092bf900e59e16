import type { Parameters } from "@/trainer/io/safetensors";
import type { ModelConfig } from "@/trainer/models/config";
import type { TensorParameters } from "@/trainer/models/tensors";
import { hiddenStates, logitsOf } from "@/trainer/models/transformer";
import type { Provider } from "@/trainer/runtime/program";
import type * as tf from "@/trainer/runtime/tf";
import { type HostArray, int32 } from "@/trainer/runtime/tree";

/** Logits at every place of one text: [T·V]. */
export async function logits(
  provider: Provider,
  { config, parameters }: { readonly config: ModelConfig; readonly parameters: Parameters },
  ids: readonly number[],
): Promise<Float32Array> {
  const program = (p: TensorParameters, input: tf.Tensor) => logitsOf(p, config, hiddenStates(p, config, input));
  const args = [parameters, int32(ids, [1, ids.length])] as never;
  const compiled = await provider.compile(program as never, args);
  const { data } = (await compiled.run(args)) as unknown as HostArray;
  await compiled.dispose();
  return data as Float32Array;
}

export const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) throw new Error(`${a.length} numbers beside ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
  return largest;
};
