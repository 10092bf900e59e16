import { expect, test } from "vitest";
import { GpuProcess } from "@/trainer/runtime/gpuProcess";
import { openProvider } from "@/trainer/runtime/provider";

test("when the process that runs the GPU dies, open and later requests fail with gpu_lost, and say how it ended", async () => {
  const gpu = new GpuProcess();
  const open = gpu.ask({ kind: "read", handle: 1 });
  process.kill(gpu.pid as number, "SIGKILL");
  await expect(open).rejects.toMatchObject({ code: "gpu_lost", message: expect.stringContaining("SIGKILL") });
  await expect(gpu.ask({ kind: "free", handles: [] })).rejects.toMatchObject({ code: "gpu_lost" });
  await gpu.close();
});

test("a request that cannot be answered fails alone", async () => {
  const gpu = new GpuProcess();
  await expect(gpu.ask({ kind: "read", handle: 1 })).rejects.toThrow(/no longer in the GPU's memory/);
  expect(await gpu.ask({ kind: "free", handles: [] })).toBeNull();
  await gpu.close();
  expect(() => process.kill(gpu.pid as number, 0)).toThrow();
});

test("a provider that was not asked for is the CPU's, and says what it found of a GPU", async () => {
  const provider = await openProvider("auto", { gpu: false });
  expect(provider.name).toBe("onnx-cpu");
  expect(provider.reason).toMatch(/ONNX Runtime on the CPU; the GPU is not to be used/);
  await provider.close();
});
