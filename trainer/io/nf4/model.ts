import type { ModelConfig } from "../../models/config";
import { allProjections } from "../../models/names";
import type { HostArray } from "../../runtime/tree";
import type { Parameters } from "../safetensors";
import { transpose } from "../transpose";
import { inNf4, isInNf4, type Nf4Origin, nf4Tensors, outOfNf4, partsOf } from "./stored";

interface Weights {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** What weights that came in 4 bits had been before. */
  readonly nf4Origin?: Nf4Origin;
}

/** Whether weights of a model are in 4 bits. */
export const isNf4Model = ({ config, parameters }: Weights): boolean =>
  allProjections(config).some(({ name }) => isInNf4(parameters, name));

/** A projection's weight as [out, in]; GPT-2 has it the other way round. */
const turned = ({ family }: ModelConfig, weight: HostArray): HostArray =>
  family === "gpt2" ? transpose(weight) : weight;

/** A model with its projections' weights in 4 bits, made one after the other. */
export function inFourBits<M extends Weights>(model: M): M {
  const { config, parameters } = model;
  const whole = allProjections(config).filter(({ name }) => !isInNf4(parameters, name));
  const packable = new Map(whole.map(({ name }) => [`${name}.weight`, name]));
  const each = Object.entries(parameters).map(([name, array]) => {
    const projection = packable.get(name);
    return projection === undefined ? { [name]: array } : inNf4(projection, turned(config, array));
  });
  return { ...model, parameters: Object.assign({}, ...each) };
}

/** A model with all its weights at full precision: those in 4 bits are what they stand for. */
export function inFullPrecision<M extends Weights>(model: M): M {
  const { config, parameters } = model;
  const { weights, parts } = quantisedOf(model);
  const each = Object.entries(parameters).flatMap(([name, array]) => {
    const projection = weights.get(name);
    if (projection) return [[name, turned(config, outOfNf4(parameters, projection))]];
    return parts.has(name) ? [] : [[name, array]];
  });
  return { ...model, parameters: Object.fromEntries(each) };
}

/** The tensors of a model's file: those in 4 bits as bitsandbytes has them. */
export function fileTensors(model: Weights): Parameters {
  const { parameters, nf4Origin = "float32" } = model;
  const { weights, parts } = quantisedOf(model);
  const each = Object.entries(parameters).map(([name, array]) => {
    const projection = weights.get(name);
    if (projection) return nf4Tensors(parameters, projection, nf4Origin);
    return parts.has(name) ? {} : { [name]: array };
  });
  return Object.assign({}, ...each);
}

/** What config.json says of weights in 4 bits, so that transformers loads them; nothing where there are none. */
export function quantizationConfig(model: Weights): object {
  const names = [...quantisedOf(model).weights.values()];
  if (names.length === 0) return {};
  return {
    quantization_config: {
      quant_method: "bitsandbytes",
      load_in_4bit: true,
      load_in_8bit: false,
      bnb_4bit_quant_type: "nf4",
      bnb_4bit_use_double_quant: names.every(({ name }) => partsOf(name).nestedScales in model.parameters),
      bnb_4bit_compute_dtype: "float32",
      bnb_4bit_quant_storage: "uint8",
    },
  };
}

/** The projections in 4 bits by the names of their weights, and the names of all their parts. */
function quantisedOf({ config, parameters }: Weights) {
  const found = allProjections(config).filter(({ name }) => isInNf4(parameters, name));
  return {
    weights: new Map(found.map((projection) => [partsOf(projection.name).packed, projection])),
    parts: new Set(found.flatMap(({ name }) => Object.values(partsOf(name)))),
  };
}
