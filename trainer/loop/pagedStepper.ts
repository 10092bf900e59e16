import type { OptimizerConfig } from "../contracts/runConfig";
import type { Parameters } from "../io/safetensors";
import { adamw, clipByGlobalNorm, globalNorm, type StepControl } from "../optim/adamw";
import type { SessionCache } from "../runtime/sessionCache";
import type * as tf from "../runtime/tf";
import { float32, type HostArray } from "../runtime/tree";
import { type PagedMoments, pageSize } from "./pagedMoments";
import { type HostBatch, type State, Stepper, type StepperOptions, type StepResult } from "./stepper";
import type { Objective } from "./trainStep";

type Page = Readonly<Record<"p" | "g" | "m" | "v", tf.Tensor>>;

/**
 * AdamW whose moments lie in a file: a step makes the gradients, then goes through the parameters page by page. Elementwise
 * as it is, it does not matter to a number what is updated beside it: the same bits as `Stepper` has. The state's parameters
 * are written in place.
 */
export class PagedStepper extends Stepper {
  constructor(
    cache: SessionCache,
    objective: Objective,
    config: OptimizerConfig,
    options: StepperOptions,
    private readonly moments: PagedMoments,
  ) {
    super(cache, objective, config, options);
  }

  override async step(
    state: State,
    batches: readonly HostBatch[],
    at: { readonly step: number; readonly rate: number },
  ): Promise<StepResult> {
    const { sum, metrics } = await this.accumulate(state.p, batches);
    const measured = await this.cache.get("norm", globalNorm as never, [sum] as never);
    const norm = (await measured.run([sum] as never)) as unknown as HostArray;
    const control = { ...this.control(at), norm };
    for (const [name, p] of Object.entries(state.p)) {
      const { shape, data } = p;
      for (let from = 0; from < data.length; from += pageSize) {
        const to = Math.min(from + pageSize, data.length);
        const cut = (array: HostArray) => (array.data as Float32Array).subarray(from, to);
        await this.update(name, shape.length > 1, { p: cut(p), g: cut(sum[name] as HostArray), from }, control);
      }
    }
    return { state, metrics: { ...metrics, grad_norm: norm.data[0] as number } };
  }

  /** Updates the numbers of one parameter from the one at `from` on. */
  private async update(
    name: string,
    isMatrix: boolean,
    { p, g, from }: { readonly p: Float32Array; readonly g: Float32Array; readonly from: number },
    control: Readonly<Record<keyof StepControl | "norm", HostArray>>,
  ): Promise<void> {
    const [m, v] = [new Float32Array(p.length), new Float32Array(p.length)];
    this.moments.read("m", name, from, m);
    this.moments.read("v", name, from, v);
    const shaped = (data: Float32Array) => float32(data, isMatrix ? [1, data.length] : [data.length]);
    const times = this.rates[name] ?? 1;
    const program = (page: Page, { norm, ...rest }: StepControl & { readonly norm: tf.Tensor }) => {
      const clipped = clipByGlobalNorm({ it: page.g }, norm, this.config.maxGradNorm);
      const next = adamw({ it: page.p }, clipped, { m: { it: page.m }, v: { it: page.v } }, rest, this.config, {
        it: times,
      });
      return { p: next.p.it, m: next.m.it, v: next.v.it };
    };
    const example = (n: number) => {
      const some = shaped(new Float32Array(n));
      return [{ p: some, g: some, m: some, v: some }, control];
    };
    // One program serves pages of all sizes.
    const compiled = await this.cache.get(
      `page ${isMatrix} ${times}`,
      program as never,
      example(5) as never,
      example(7) as never,
    );
    const inputs = [{ p: shaped(p), g: shaped(g), m: shaped(m), v: shaped(v) }, control];
    const out = (await compiled.run(inputs as never)) as unknown as Parameters;
    p.set(out.p?.data as Float32Array);
    this.moments.write("m", name, from, out.m?.data as Float32Array);
    this.moments.write("v", name, from, out.v?.data as Float32Array);
  }
}
