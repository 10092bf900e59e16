import type { CompressionSettings } from "../../contracts/compression";
import { TrainerError } from "../../contracts/error";
import { floatToHalf, halfToFloat } from "../../io/floats";
import type { ModelFolder } from "../../io/modelFolder";
import type { Parameters } from "../../io/safetensors";
import { allProjections, namesOf } from "../../models/names";
import { type HostArray, scalar } from "../../runtime/tree";
import { deltaNames } from "./names";
import { signsOf } from "./signs";

/** What a fine-tuned model is beside its base. */
export interface Delta {
  /** One number a projection: what distilling trains. */
  readonly scales: Parameters;
  readonly signs: Parameters;
  /** Tensors that stand in the base's place. */
  readonly rest: Parameters;
}

const scoreName = "score.weight";

/** The delta of a fine-tuned model, each scale the mean size of its matrix's change. What did not change is not in it. */
export function deriveDelta(
  base: ModelFolder,
  tuned: ModelFolder,
  { rest: precision, embeddings }: Pick<CompressionSettings, "rest" | "embeddings">,
): Delta {
  requireKinship(base, tuned);
  const names = namesOf(tuned.config);
  const projections = new Map(allProjections(tuned.config).map(({ name }) => [`${name}.weight`, name]));
  const shared = new Set(
    embeddings === "base" ? [names.embedding, names.positions, names.output].map((name) => `${name}.weight`) : [],
  );
  const delta = { scales: {} as Parameters, signs: {} as Parameters, rest: {} as Parameters };
  for (const [name, array] of Object.entries(tuned.parameters)) {
    const before = base.parameters[name];
    if (before && (shared.has(name) || equal(before, array))) continue;
    const projection = projections.get(name);
    if (projection && before) {
      const { signs, scale } = signsOf(before, array);
      delta.signs[deltaNames(projection).signs] = signs;
      delta.scales[deltaNames(projection).scale] = scalar(scale);
    } else delta.rest[name] = precision === "f16" ? inHalves(array) : array;
  }
  return delta;
}

/** Refuses a model whose tensors are not the base's. */
function requireKinship(base: ModelFolder, tuned: ModelFolder): void {
  const refuse = (what: string) =>
    new TrainerError("bad_model", `The model was not tuned from this base: ${what}. Name the base it was tuned from.`);
  if (base.config.family !== tuned.config.family)
    throw refuse(`it is of the family ${tuned.config.family}, the base of ${base.config.family}`);
  for (const [name, { shape }] of Object.entries(tuned.parameters)) {
    const found = base.parameters[name]?.shape;
    if (found?.join() === shape.join() || (!found && name === scoreName)) continue;
    throw refuse(`its ${name} is [${shape}], the base's ${found ? `[${found}]` : "is not there"}`);
  }
  const gone = (name: string) => !(name in tuned.parameters) && name !== `${namesOf(base.config).output}.weight`;
  const missing = Object.keys(base.parameters).find((name) => gone(name) && name !== scoreName);
  if (missing) throw refuse(`the base's ${missing} is missing in it`);
}

const equal = (a: HostArray, b: HostArray): boolean => a.data.every((x, i) => x === b.data[i]);

/** Rounded to half precision; what it cannot hold stays as it is. */
function inHalves(array: HostArray): HostArray {
  const data = Float32Array.from(array.data, (x) => halfToFloat(floatToHalf(x)));
  return data.every(Number.isFinite) ? { ...array, data } : array;
}
