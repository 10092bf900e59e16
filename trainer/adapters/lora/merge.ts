import type { AdapterConfig } from "../../contracts/adapter";
import type { Parameters } from "../../io/safetensors";
import type { ModelConfig } from "../../models/config";
import { allProjections } from "../../models/names";
import type { HostArray } from "../../runtime/tree";
import { scaleOf } from "./forward";
import { asWeight, fromHost, type Matrix, matrix, rowLengths, rowsOf, times } from "./matrix";
import { loraNames } from "./names";

/** W + s·BA of each adapted projection, with PiSSA − s·B₀A₀, with DoRA each row brought to its length; in double precision. */
export function loraMerge(config: AdapterConfig, llama: ModelConfig, parameters: Parameters): Parameters {
  const merged: Record<string, HostArray> = {};
  const product = (a: string, b: string) =>
    times(fromHost(parameters[b] as HostArray), fromHost(parameters[a] as HostArray));
  for (const projection of allProjections(llama)) {
    const { name } = projection;
    const n = loraNames(name);
    if (!parameters[n.a]) continue;
    const changes: [Matrix, number][] = [[product(n.a, n.b), scaleOf(config)]];
    if (parameters[n.initialA]) changes.push([product(n.initialA, n.initialB), -scaleOf(config)]);
    const sum = added(rowsOf(llama, parameters, projection), changes);
    const magnitude = parameters[n.magnitude];
    merged[`${name}.weight`] = asWeight(llama, magnitude ? withLengths(sum, magnitude) : sum);
  }
  return merged;
}

function added({ rows, columns, data }: Matrix, changes: readonly [Matrix, number][]): Matrix {
  const out = matrix(rows, columns, data.slice());
  for (const [change, scale] of changes) {
    for (let i = 0; i < out.data.length; i++)
      out.data[i] = (out.data[i] as number) + scale * (change.data[i] as number);
  }
  return out;
}

function withLengths(w: Matrix, { data: lengths }: HostArray): Matrix {
  const own = rowLengths(w);
  const gain = own.map((length, i) => (lengths[i] as number) / length);
  return matrix(
    w.rows,
    w.columns,
    w.data.map((x, i) => x * (gain[Math.floor(i / w.columns)] as number)),
  );
}
