import { fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { eq } from "drizzle-orm";
import { run } from "@/db/schema/runs";
import { startProduct } from "../helpers/product";
import { type ProductWorld, productWorld } from "../helpers/productWorld";
import { sessionCookie } from "../helpers/session";
import { hardware } from "./hardware";
import { quantile } from "./quantile";
import type { LoadOrder, LoadResult } from "./voteLoad";

/**
 * `npm run bench:vote -- [--items 1000,10000,100000] [--rate 100] [--seconds 20]`: claim and vote through the whole
 * product as `npm start` runs it, idle and while a training run goes on.
 */
const { values } = parseArgs({
  options: {
    items: { type: "string", default: "1000,10000,100000" },
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "20" },
  },
});
const [annotators, overlap] = [40, 20];
const sentence = "A sentence of the length that people write when they ask a model for something useful. ";
const text = (repeats: number) => (i: number) => `${i} ${sentence.repeat(repeats)}`;

function line(what: string, times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = [0.5, 0.95, 0.99, 1].map((share) => quantile(sorted, share).toFixed(1).padStart(8));
  return `${what.padEnd(28)}${String(sorted.length).padStart(7)}${at.join("")}`;
}

async function load(order: LoadOrder): Promise<LoadResult> {
  const child = fork(fileURLToPath(new URL("./voteLoad.ts", import.meta.url)), [], { execArgv: ["--import", "tsx"] });
  const result = once(child, "message");
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the load generator ended with code ${code}`);
  });
  // Late because of itself is not late because of the server.
  setPriority(child.pid as number, -5);
  child.send(order);
  const [measured] = (await Promise.race([result, ended])) as [LoadResult];
  ended.catch(() => {});
  return measured;
}

async function startTraining(world: ProductWorld): Promise<() => boolean> {
  const id = world.train("starter", { epochs: 50 });
  const row = () => world.app.db.select().from(run).where(eq(run.id, id)).get();
  while ((row()?.step ?? 0) < 3) await new Promise((resolve) => setTimeout(resolve, 200));
  return () => row()?.state === "running";
}

async function benchSize(items: number): Promise<void> {
  const world = await productWorld({ annotators, items, overlap, prompt: text(3), first: text(8), second: text(10) });
  const { app, port } = world;
  const product = await startProduct({ dataDir: app.env.dataDir, port });
  try {
    const cookies = await Promise.all(Array.from({ length: annotators }, (_, i) => sessionCookie(app, `u${i}`)));
    const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
    const order = { url: product.url, cookies, rate, seconds, warmUpSeconds: 5 };
    const tell = (state: string, times: LoadResult) => console.log(line(`${items} items, ${state}`, times));
    tell("idle", await load({ ...order, seed: 1 }));
    const trains = await startTraining(world);
    tell("training", await load({ ...order, seed: 2 }));
    if (!trains()) throw new Error("the training run ended before the measurement did");
  } finally {
    await product.stop();
  }
}

console.log(`${hardware()}\n${values.rate} votes a second, ${annotators} annotators, overlap ${overlap}; milliseconds`);
console.log(`${"".padEnd(28)}${["votes", " p50", "p95", "p99", "max"].map((s, i) => s.padStart(i ? 8 : 7)).join("")}`);
for (const items of values.items.split(",").map(Number)) await benchSize(items);
