import { expect, test } from "vitest";
import { withCompileClock } from "@/trainer/runtime/compileClock";
import type { Provider } from "@/trainer/runtime/program";

test("compiling is timed, also when it fails; everything else is the provider's own", async () => {
  let ms = 0;
  const provider = {
    name: "wasm",
    reason: "a test",
    async compile(_program: unknown, [seconds]: readonly number[]) {
      ms += (seconds as number) * 1000;
      if (seconds === 3) throw new Error("does not compile");
    },
    stats: () => ({ sessions: 4, tensors: 5 }),
  } as unknown as Provider;
  const clocked = withCompileClock(provider, () => ms);
  expect(clocked.stats()).toEqual({ sessions: 4, tensors: 5, compileSeconds: 0 });
  await clocked.compile((x) => x, [2] as never);
  ms += 10_000;
  await expect(clocked.compile((x) => x, [3] as never)).rejects.toThrow("does not compile");
  expect(clocked.stats()).toEqual({ sessions: 4, tensors: 5, compileSeconds: 5 });
  expect(clocked.name).toBe("wasm");
});
