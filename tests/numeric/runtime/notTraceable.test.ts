import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { float32 } from "@/trainer/runtime/tree";

let provider: Provider;
let wasm: Provider;
beforeAll(async () => {
  wasm = await openProvider("wasm");
  provider = await openProvider("onnx-cpu");
});
afterAll(() => Promise.all([provider.close(), wasm.close()]));

type X = tf.Tensor;
const x = float32([1, -2, 3], [3]);

/** The message of the error that compiling `program` ends in. */
async function complaint(program: (x: X) => unknown): Promise<string> {
  const error = await provider.compile(program as never, [x] as never).then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ name: "TrainerError", code: "not_traceable" });
  return (error as Error).message;
}

/** The line that this is called from, as the messages name it: file and line. */
const here = () => /notTraceable\.test\.ts:\d+/.exec(new Error().stack?.split("\n")[2] ?? "")?.[0] as string;
const next = (line: string) => line.replace(/\d+$/, (n) => String(Number(n) + 1));

let captured: tf.Tensor;
let leaked: tf.Tensor;
let line = "";

describe("what cannot be compiled ends in an error that names its line", () => {
  test.each<[string, (x: X) => unknown, RegExp]>([
    [
      "a captured tensor",
      (a) => {
        line = next(here());
        return tf.add(a, captured);
      },
      /made outside the compiled function/,
    ],
    [
      "a tensor that an earlier trace left behind",
      (a) => {
        line = next(here());
        return tf.add(a, leaked);
      },
      /made outside the compiled function/,
    ],
    [
      "a variable",
      (a) => {
        line = next(here());
        return tf.mul(a, captured as tf.Variable);
      },
      /made outside/,
    ],
    [
      "a value that is read to branch on",
      (a) => {
        line = next(here());
        return (tf.sum(a).dataSync()[0] as number) > 0 ? a : tf.neg(a);
      },
      /value of a traced tensor is read/,
    ],
    [
      "a value that is asked for and not waited for",
      (a) => {
        line = next(here());
        void tf.sum(a).data();
        return a;
      },
      /value of a traced tensor is read/,
    ],
    [
      "dropout",
      (a) => {
        line = next(here());
        return tf.dropout(a, 0.5);
      },
      /Random numbers are drawn on the host/,
    ],
    [
      "dropout with a fixed seed",
      (a) => {
        line = next(here());
        return tf.dropout(a, 0.5, undefined, 7);
      },
      /Random numbers are drawn on the host/,
    ],
    [
      "normal random numbers",
      (a) => {
        line = next(here());
        return tf.add(a, tf.randomNormal([3], 0, 1, "float32", 3));
      },
      /Random numbers are drawn on the host/,
    ],
    [
      "Math.random",
      (a) => {
        line = next(here());
        return tf.mul(a, Math.random());
      },
      /Random numbers are drawn on the host/,
    ],
    [
      "an operation without a lowering",
      (a) => {
        line = next(here());
        return tf.unique(a).values;
      },
      /operation Unique .* has no lowering/,
    ],
    [
      "a use of an operation that its lowering lacks",
      (a) => {
        line = here();
        return tf.gather(tf.reshape(a, [1, 1, 3]), tf.tensor([[0]], [1, 1], "int32") as never, 2, 1);
      },
      /GatherV2 .* axis is not batchDims/,
    ],
  ])("%s", async (_name, program, what) => {
    tf.setBackend("wasm");
    captured = tf.variable(tf.tensor([1, 2, 3]));
    await provider.compile(
      (a: X) => {
        leaked = tf.keep(tf.square(a));
        return leaked;
      },
      [x],
    );
    const message = await complaint(program);
    expect(message).toMatch(what);
    const named = /notTraceable\.test\.ts:\d+/.exec(message)?.[0];
    expect([line, next(line)]).toContain(named);
  });

  test("a function that returns a promise, a number or nothing", async () => {
    expect(await complaint(async (a) => a)).toMatch(/returns a promise \(result\)/);
    expect(await complaint((a) => ({ y: a, n: 3 }))).toMatch(/returns a number \(result\.n\)/);
    expect(await complaint(() => undefined)).toMatch(/returns nothing/);
  });

  test("after an error the backend and Math.random are what they were", async () => {
    tf.setBackend("wasm");
    await complaint((a) => tf.dropout(a, 0.5));
    expect(tf.getBackend()).toBe("wasm");
    expect(Math.random()).toBeLessThan(1);
    expect(tf.tensor([2]).dataSync()[0]).toBe(2);
  });
});

test("arrays written down in the function are constants of it", async () => {
  const compiled = await provider.compile((a: X) => tf.add(a, tf.tensor([10, 20, 30])), [x]);
  expect((await compiled.run([x])).data).toEqual(Float32Array.of(11, 18, 33));
  await compiled.dispose();
});
