import { TrainerError } from "../contracts/error";
import type { Parameters } from "../io/safetensors";

const bad = (what: string) =>
  new TrainerError("bad_model", `adapter_model.safetensors: ${what}. Is it made for another base?`);

/** Refuses tensors of other names or shapes than the model has room for. */
export function requireShapes(tensors: Parameters, expected: ReadonlyMap<string, readonly number[]>): void {
  for (const name of Object.keys(tensors)) {
    if (!expected.has(name)) throw bad(`the tensor ${name} has no place in this model`);
  }
  for (const [name, shape] of expected) {
    const found = tensors[name]?.shape;
    if (found?.join() === shape.join()) continue;
    throw bad(`the tensor ${name} ${found ? `has shape [${found}], not [${shape}]` : "is missing"}`);
  }
  if (expected.size === 0) throw bad("it holds nothing for this model");
}
