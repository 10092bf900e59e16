import * as tf from "@/trainer/runtime/tf";
import { type Case, one, pair, type T, two } from "./cases";

const asFloat = (x: T) => tf.cast(x, "float32");
const asInt = (x: T) => tf.cast(x, "int32");

/** A function of two bool tensors that broadcast. */
const logical = (name: string, f: (a: T, b: T) => T): Case => ({
  name,
  gradient: false,
  draw: (d) => {
    const [a, b] = pair(d);
    return { inputs: [d.bools(a), d.bools(b)], program: (x: T, y: T) => asFloat(f(x, y)) };
  },
});

/** A function of two int32 tensors that broadcast, negative numbers among them; the second is never nought. */
const whole = (name: string, f: (a: T, b: T) => T): Case => ({
  name: `${name} of whole numbers`,
  gradient: false,
  draw: (d) => {
    const [a, b] = pair(d);
    const program = (x: T, y: T) => f(x, tf.where(tf.equal(y, 0), tf.onesLike(y), y));
    return { inputs: [d.whole(a, -40, 40), d.whole(b, -7, 7)], program };
  },
});

const rounded = (f: (a: T, b: T) => T) => (a: T, b: T) => asFloat(f(tf.round(a), tf.round(b)));

export const elementwiseCases: readonly Case[] = [
  one("neg", tf.neg),
  one("exp", tf.exp),
  one("log", tf.log, 0.1, 4),
  one("sqrt", tf.sqrt, 0.1, 4),
  one("rsqrt", tf.rsqrt, 0.1, 4),
  one("erf", tf.erf),
  one("abs", tf.abs),
  one("reciprocal", tf.reciprocal, 0.3, 3),
  one("sign", tf.sign, -2, 2, false),
  one("floor", tf.floor, -2, 2, false),
  one("ceil", tf.ceil, -2, 2, false),
  one("round", tf.round, -2, 2, false),
  one("square", tf.square),
  one("log1p", tf.log1p, -0.5, 3),
  one("expm1", tf.expm1),
  one("clipByValue", (x) => tf.clipByValue(x, -0.7, 0.9)),
  one("zerosLike", (x) => tf.add(tf.zerosLike(x), x)),
  one("onesLike", (x) => tf.mul(tf.onesLike(x), x)),
  one("identity", (x) => tf.mul(tf.clone(x), 2)),
  one("fill", (x) => tf.mul(x, tf.fill(x.shape, 3))),
  two("add", tf.add),
  two("sub", tf.sub),
  two("mul", tf.mul),
  two("div", tf.div, 0.4, 3),
  two("maximum", tf.maximum),
  two("minimum", tf.minimum),
  two("pow", tf.pow, 0.3, 2.5),
  two("mod", (a, b) => tf.mod(a, tf.add(b, tf.mul(tf.sign(b), 0.5))), -4, 4, false),
  two("floorDiv", (a, b) => tf.floorDiv(a, b), 0.4, 5),
  whole("mod", tf.mod),
  whole("floorDiv", tf.floorDiv),
  whole("div", tf.div),
  whole("mul", tf.mul),
  two("squaredDifference", tf.squaredDifference),
  {
    name: "addN",
    draw: (d) => {
      const shape = d.shape();
      return { inputs: [d.float(shape), d.float(shape), d.float(shape)], program: (...x: T[]) => tf.addN(x) };
    },
  },
  one("cast", (x) => tf.add(asFloat(asInt(x)), asFloat(tf.cast(x, "bool"))), -5, 5, false),
  {
    name: "range",
    gradient: false,
    draw: (d) => {
      const n = d.int(1, 9);
      return { inputs: [d.float([n])], program: (x: T) => tf.add(x, tf.range(0, n)) };
    },
  },

  one("tanh", tf.tanh),
  one("sigmoid", tf.sigmoid),
  one("relu", tf.relu),
  one("relu6", tf.relu6, -9, 9),
  one("elu", tf.elu),
  one("selu", tf.selu),
  one("leakyRelu", (x) => tf.leakyRelu(x, 0.3)),
  {
    name: "prelu",
    draw: (d) => {
      const shape = d.shape();
      return { inputs: [d.float(shape), d.float([shape.at(-1) ?? 1])], program: (x: T, a: T) => tf.prelu(x, a) };
    },
  },
  one("softplus", tf.softplus),
  one("step", (x) => tf.step(x, 0.25), -2, 2, false),

  one("sin", tf.sin),
  one("cos", tf.cos),
  one("tan", tf.tan, -1, 1),
  one("asin", tf.asin, -0.9, 0.9),
  one("acos", tf.acos, -0.9, 0.9),
  one("atan", tf.atan),
  one("sinh", tf.sinh),
  one("cosh", tf.cosh),
  one("asinh", tf.asinh),
  one("acosh", tf.acosh, 1.2, 4),
  one("atanh", tf.atanh, -0.8, 0.8),
  two("atan2", tf.atan2, -2, 2),

  two("less", (a, b) => asFloat(tf.less(a, b)), -2, 2, false),
  two("lessEqual", rounded(tf.lessEqual), -2, 2, false),
  two("greater", (a, b) => asFloat(tf.greater(a, b)), -2, 2, false),
  two("greaterEqual", rounded(tf.greaterEqual), -2, 2, false),
  two("equal", rounded(tf.equal), -2, 2, false),
  two("notEqual", rounded(tf.notEqual), -2, 2, false),
  logical("logicalAnd", tf.logicalAnd),
  logical("logicalOr", tf.logicalOr),
  logical("logicalXor", tf.logicalXor),
  {
    name: "logicalNot",
    gradient: false,
    draw: (d) => ({ inputs: [d.bools(d.shape())], program: (x: T) => asFloat(tf.logicalNot(x)) }),
  },
  {
    name: "where",
    draw: (d) => {
      const shape = d.shape();
      const inputs = [d.bools(shape), d.float(shape), d.float(shape)];
      return { inputs, program: (c: T, a: T, b: T) => tf.where(c, a, b) };
    },
  },
  one("isNaN", (x) => asFloat(tf.isNaN(tf.log(x))), -1, 1, false),
  one("isInf", (x) => asFloat(tf.isInf(tf.div(x, tf.relu(x)))), -1, 1, false),
  one("isFinite", (x) => asFloat(tf.isFinite(tf.log(x))), -1, 1, false),
];
