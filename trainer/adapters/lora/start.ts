import type { AdapterConfig } from "../../contracts/adapter";
import { TrainerError } from "../../contracts/error";
import { derivedSeed, Random } from "../../data/random";
import type { ModelFolder } from "../../io/modelFolder";
import type { ModelConfig } from "../../models/config";
import { allProjections, type Projection } from "../../models/names";
import { float32, type HostArray, zeros } from "../../runtime/tree";
import type { Start } from "../method";
import { scaleOf } from "./forward";
import { type Matrix, matrix, rowLengths, rowsOf, toHost, transposed } from "./matrix";
import { lastPart, loraNames } from "./names";
import { largestSingular } from "./svd";

/** The projections that a configuration names; a name that fits none is refused. */
function targetsOf({ targets }: AdapterConfig, llama: ModelConfig): Projection[] {
  const all = allProjections(llama);
  if (!targets) return all;
  const known = [...new Set(all.map(lastPart))];
  const wrong = targets.find((target) => !known.includes(target));
  if (wrong === undefined) return all.filter((projection) => targets.includes(lastPart(projection)));
  throw new TrainerError(
    "bad_config",
    `adapter.targets: this model has no projection "${wrong}". It has ${known.join(", ")}.`,
    { field: "adapter.targets" },
  );
}

/**
 * A and B of each target. A from U(−1/√in, 1/√in), which is PyTorch's kaiming_uniform(√5), and B nought: nothing is added
 * yet. With PiSSA both from the matrix's largest singular triples, s·B₀A₀ = U_r S_r V_rᵀ, and a copy of each is kept.
 */
export function loraStart(config: AdapterConfig, { config: llama, parameters }: ModelFolder, seed: number): Start {
  const trained: Record<string, HostArray> = {};
  const kept: Record<string, HostArray> = {};
  for (const [i, projection] of targetsOf(config, llama).entries()) {
    const { input, output, name } = projection;
    const n = loraNames(name);
    const own = derivedSeed(seed, 11, i);
    const weight = () => rowsOf(llama, parameters, projection);
    if (config.initialisation === "pissa") {
      const { a, b } = principal(weight(), config, own);
      trained[n.a] = toHost(a);
      trained[n.b] = toHost(b);
      kept[n.initialA] = toHost(a);
      kept[n.initialB] = toHost(b);
    } else {
      trained[n.a] = uniform([config.rank, input], 1 / Math.sqrt(input), own);
      trained[n.b] = zeros([output, config.rank]);
    }
    if (config.decomposed) trained[n.magnitude] = float32(Float32Array.from(rowLengths(weight())), [output]);
  }
  return { trained, kept };
}

function uniform(shape: [number, number], bound: number, seed: number): HostArray {
  const random = new Random(seed);
  const draw = () => bound * (2 * random.uniform() - 1);
  return float32(Float32Array.from({ length: shape[0] * shape[1] }, draw), shape);
}

/** A = √(S/s)·Vᵀ and B = U·√(S/s); rows and columns of nought where the matrix has fewer directions than the rank. */
function principal(w: Matrix, config: AdapterConfig, seed: number): { a: Matrix; b: Matrix } {
  const { rank } = config;
  const { u, s, v } = largestSingular(w, rank, seed);
  const root = s.map((sigma) => Math.sqrt(sigma / scaleOf(config)));
  const widened = (x: Matrix) => {
    const out = matrix(x.rows, rank);
    for (let i = 0; i < x.rows; i++) {
      for (let j = 0; j < x.columns; j++)
        out.data[i * rank + j] = (x.data[i * x.columns + j] as number) * (root[j] as number);
    }
    return out;
  };
  return { a: transposed(widened(v)), b: widened(u) };
}
