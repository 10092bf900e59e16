import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { pauseReason, TrainerError } from "@/trainer/contracts/error";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { addModel } from "@/trainer/io/anyModel";
import { compress } from "@/trainer/recipes/compress";
import { preflight } from "@/trainer/recipes/preflight";
import { parseConfig, train } from "@/trainer/recipes/train";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { endWithParent } from "../parent";
import { answer } from "./answer";
import { makePairs } from "./makePairs";
import { ModelCache } from "./modelCache";
import {
  type CompressTask,
  type Failure,
  type FromCompute,
  gpuLostExit,
  type PairTask,
  type Question,
  type ScoringTask,
  type ToCompute,
} from "./protocol";
import { score } from "./score";
import { inTurns, Turns } from "./turns";

/** The worker's computing child: trains one run, answers questions in between, knows nothing of the database. */

// Pages and votes come first.
setPriority(10);

const turns = new Turns();
let inference: Promise<Provider> | null = null;
const models = new ModelCache(() => {
  inference ??= openProvider("auto").then((provider) => inTurns(provider, turns, "answers"));
  return inference;
});
const hushed = new Set<string>();
/** What can be stopped while it is made: batches of pairs and deltas, by their ids. */
const making = new Map<string, AbortController>();

interface Training {
  readonly runId: string;
  readonly controller: AbortController;
  cancelled: boolean;
  leaseUntil: number;
  stored: () => void;
}
let training: Training | null = null;

/** A message that nobody takes means that the worker is gone; `disconnect` ends this process then. */
const tell = (message: FromCompute): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

function toFailure(error: unknown): Failure {
  // Another child goes on from the newest checkpoint, on the CPU.
  if (error instanceof TrainerError && error.code === "gpu_lost") process.exit(gpuLostExit);
  if (error instanceof TrainerError) return { code: error.code, message: error.message };
  console.error(error);
  const [first] = (error instanceof Error ? error.message : String(error)).split("\n");
  return { code: "unexpected", message: `The engine met an error it does not know: ${first}. See the worker's log.` };
}

/** Before each turn of training: stop when asked to, and wait while nobody vouches for the lease (another may hold it). */
async function mayGoOn(current: Training): Promise<void> {
  const check = () => {
    if (current.cancelled) throw new TrainerError("cancelled", "Cancelled.");
  };
  check();
  while (Date.now() > current.leaseUntil) {
    await sleep(50);
    check();
  }
}

/** The events before a checkpoint must be stored before it is written: a resumed run does not tell them again. */
const mustBeStored = (event: RunEvent, { checkpointEvery = 20 }: RunConfigInput): boolean =>
  event.type !== "step" || event.step % checkpointEvery === 0 || event.step === event.totalSteps;

async function runTraining({
  runId,
  config,
  cacheFolder,
  leaseUntil,
}: Extract<ToCompute, { type: "train" }>): Promise<void> {
  const controller = new AbortController();
  const current: Training = { runId, controller, cancelled: false, leaseUntil, stored: () => {} };
  training = current;
  const around = (provider: Provider) => inTurns(provider, turns, "training", () => mayGoOn(current));
  let failure: Failure | null = null;
  try {
    for await (const event of train(config, { signal: controller.signal, around, cacheFolder })) {
      const wait = mustBeStored(event, config);
      const stored = new Promise<void>((resolve) => {
        current.stored = resolve;
      });
      tell({ type: "runEvent", runId, event, wait });
      if (wait) await stored;
    }
  } catch (error) {
    failure = toFailure(error);
  }
  training = null;
  tell({ type: "runEnded", runId, failure });
}

/** What a run would do. Its programs take turns as answers do: somebody waits for it. */
async function lookAhead({ id, config: input, cacheFolder }: Extract<ToCompute, { type: "look" }>): Promise<void> {
  try {
    const config = parseConfig(input);
    const provider = inTurns(await openProvider(config.provider), turns, "answers");
    try {
      tell({ type: "looked", id, result: await preflight(config, provider, { cacheFolder }), failure: null });
    } finally {
      await provider.close();
    }
  } catch (error) {
    tell({ type: "looked", id, result: null, failure: toFailure(error) });
  }
}

async function runAnswer(question: Question): Promise<void> {
  const { id } = question;
  let failure: Failure | null = null;
  try {
    const say = (event: Parameters<Parameters<typeof answer>[2]>[0]) => tell({ type: "answerEvent", id, event });
    await answer(question, models, say, () => hushed.has(id));
  } catch (error) {
    failure = toFailure(error);
  }
  hushed.delete(id);
  tell({ type: "answerEnded", id, failure });
}

async function runScoring(id: string, task: ScoringTask): Promise<void> {
  try {
    tell({ type: "scored", id, result: await score(task, models), failure: null });
  } catch (error) {
    tell({ type: "scored", id, result: null, failure: toFailure(error) });
  }
}

/** Reads a model from elsewhere; the messages before it go out first, for it holds this process for a while. */
async function runAddition({ id, from, tokenizer, folder }: Extract<ToCompute, { type: "add" }>): Promise<void> {
  await sleep(0);
  try {
    tell({ type: "added", id, result: addModel(from, folder, tokenizer ?? undefined), failure: null });
  } catch (error) {
    tell({ type: "added", id, result: null, failure: toFailure(error) });
  }
}

async function runPairs(id: string, task: PairTask): Promise<void> {
  const controller = new AbortController();
  making.set(id, controller);
  let failure: Failure | null = null;
  try {
    await makePairs(task, models, (chunk) => tell({ type: "pairsMade", id, chunk }), controller.signal);
  } catch (error) {
    failure = toFailure(error);
  }
  making.delete(id);
  tell({ type: "pairsEnded", id, failure });
}

/** Makes a delta of a model, turn by turn with whatever else is trained. */
async function runCompression(id: string, task: CompressTask): Promise<void> {
  const controller = new AbortController();
  making.set(id, controller);
  try {
    const provider = inTurns(await openProvider("auto"), turns, "training");
    try {
      const work = compress(task, provider, controller.signal);
      let next = await work.next();
      for (; !next.done; next = await work.next()) tell({ type: "compressing", id, progress: next.value });
      tell({ type: "compressed", id, report: next.value, failure: null });
    } finally {
      await provider.close();
    }
  } catch (error) {
    tell({ type: "compressed", id, report: null, failure: toFailure(error) });
  }
  making.delete(id);
}

function onMessage(message: ToCompute): void {
  switch (message.type) {
    case "train":
      void runTraining(message);
      return;
    case "look":
      void lookAhead(message);
      return;
    case "ask":
      void runAnswer(message.question);
      return;
    case "score":
      void runScoring(message.id, message.task);
      return;
    case "add":
      void runAddition(message);
      return;
    case "makePairs":
      void runPairs(message.id, message.task);
      return;
    case "compress":
      void runCompression(message.id, message.task);
      return;
    case "hush": {
      const made = making.get(message.id);
      if (made) made.abort();
      else hushed.add(message.id);
      return;
    }
  }
  if (training?.runId !== message.runId) return;
  if (message.type === "renewed") training.leaseUntil = message.leaseUntil;
  else if (message.type === "stored") training.stored();
  else if (message.type === "pause") training.controller.abort(pauseReason);
  else {
    // At once, in the middle of a step too; a pause waits for its end.
    training.cancelled = true;
    training.controller.abort();
  }
}

process.on("message", onMessage);
endWithParent();
// Ctrl-C in a terminal reaches every process; the parent decides.
process.on("SIGINT", () => {});
tell({ type: "ready" });
