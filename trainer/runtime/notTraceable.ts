import { TrainerError } from "../contracts/error";

const notTheProgram = /node_modules|tfjs-core|tfjs-gradients|trainer[\\/]runtime[\\/]|node:internal|<anonymous>\)$/;

/** The line of the traced program in a stack: the first caller outside tfjs and this folder. */
function programLine(stack: string): string {
  const own = stack.split("\n").find((l) => /^\s+at /.test(l) && !notTheProgram.test(l));
  return own?.match(/\(?([^\s(]+:\d+:\d+)\)?$/)?.[1] ?? "an unknown line";
}

/** The error of a program that does what a compiled one cannot, with the line that does it. */
export function notTraceable(what: string, advice: string, stack = new Error().stack ?? ""): TrainerError {
  const line = programLine(stack);
  return new TrainerError("not_traceable", `${what} at ${line}. ${advice}`, { line });
}

export const drawsOnTheHost = () =>
  notTraceable(
    "Random numbers are drawn on the host",
    "They would be frozen into the program: use runtime/random.ts with a seed as an argument.",
  );

/** tfjs's own words for a kernel without a lowering, in ours. Other errors stay as they are. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TrainerError) return error;
  const kernel = /Kernel '(\w+)' not registered for backend 'trace'/.exec(error.message)?.[1];
  if (!kernel) return error;
  return notTraceable(
    `The operation ${kernel}`,
    "It has no lowering: write it with other operations, or add one to runtime/lowerings.",
    error.stack,
  );
}
