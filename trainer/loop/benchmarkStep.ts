import { Random } from "../data/random";
import { llamaConfig } from "../models/config";
import { tokenLogProbs } from "../models/head";
import { initialiseModel } from "../models/initialise";
import { hiddenStates, outputWeight } from "../models/transformer";
import * as tf from "../runtime/tf";
import { int32, scalar } from "../runtime/tree";
import { blank } from "./stepper";
import { type Objective, wholeStep } from "./trainStep";

export interface BenchmarkShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabSize: number;
  readonly batch: number;
  readonly time: number;
}

const configOf = ({ hiddenSize, layers, heads, vocabSize, time }: BenchmarkShape) =>
  llamaConfig({
    hiddenSize,
    intermediateSize: Math.round((hiddenSize * 8) / 3 / 64) * 64,
    layers,
    heads,
    keyValueHeads: heads,
    vocabSize,
    maxPositions: time,
  });

/** One whole training step of a Llama on random tokens: forward, backward, clipping, AdamW. What doctor and bench:step time. */
export function benchmarkStep(shape: BenchmarkShape) {
  const config = configOf(shape);
  const random = new Random(1);
  const p = initialiseModel(config, random);
  const ids = () => {
    const n = shape.batch * shape.time;
    return int32(
      Array.from({ length: n }, () => random.below(shape.vocabSize)),
      [shape.batch, shape.time],
    );
  };
  const objective: Objective = (parameters, batch) => {
    const { inputs, targets } = batch as Record<"inputs" | "targets", tf.Tensor>;
    const hidden = hiddenStates(parameters, config, inputs);
    const each = tokenLogProbs(hidden, outputWeight(parameters, config), tf.reshape(targets, [-1]));
    return { loss: tf.neg(tf.mean(each)), metrics: {} };
  };
  const optimizer = {
    algorithm: "adamw" as const,
    learningRate: 1e-3,
    weightDecay: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradNorm: 1,
    warmupRatio: 0,
    schedule: "constant" as const,
  };
  return {
    objective,
    optimizer,
    program: wholeStep(objective, optimizer),
    inputs: [
      { p, m: blank(p), v: blank(p) },
      { inputs: ids(), targets: ids() },
      { rate: scalar(1e-3), correction1: scalar(10), correction2: scalar(1000) },
    ] as const,
    tokens: shape.batch * shape.time,
    parameters: Object.values(p).reduce((sum, { data }) => sum + data.length, 0),
  };
}
