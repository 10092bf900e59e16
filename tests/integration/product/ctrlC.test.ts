import { once } from "node:events";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { run } from "@/db/schema/runs";
import { descendantsOf, isAlive } from "../../helpers/processes";
import { startProduct } from "../../helpers/product";
import { productWorld } from "../../helpers/productWorld";

test("Ctrl-C reaches every process at once and ends them all, a run in the middle of its training goes on at the next start", async () => {
  const world = await productWorld({ annotators: 2, items: 40, overlap: 2 });
  const { app, port } = world;
  const product = await startProduct({ dataDir: app.env.dataDir, port, ownGroup: true });
  const id = world.train("starter", { epochs: 2 });
  const row = () => app.db.select().from(run).where(eq(run.id, id)).get();
  await expect.poll(() => row()?.step ?? 0, { timeout: 60_000 }).toBeGreaterThan(1);

  const supervisor = product.supervisor.pid as number;
  const family = descendantsOf(supervisor);
  for (const name of ["web", "worker", "compute"])
    expect(family.some(({ command }) => command.includes(`${name}.mjs`))).toBe(true);
  const ended = once(product.supervisor, "exit");
  process.kill(-supervisor, "SIGINT");
  expect(await ended).toEqual([0, null]);
  await expect.poll(() => family.filter(({ pid }) => isAlive(pid)), { timeout: 5_000 }).toEqual([]);
  await expect(fetch(`http://127.0.0.1:${port}/api/health`)).rejects.toThrow();
  expect(row()?.state).not.toBe("failed");

  const again = await startProduct({ dataDir: app.env.dataDir, port });
  await expect.poll(() => row()?.state, { timeout: 90_000 }).toBe("finished");
  await again.stop();
});
