import { expect, test } from "vitest";
import { judgeGpu } from "@/trainer/runtime/gpuHardware";

test.each([
  ["linux", ["0x10de"], "", true, /NVIDIA/],
  ["linux", ["0x1af4", "0x8086"], "", true, /Intel/],
  ["linux", [], "", false, /no graphics adapter/],
  // virtio, the adapter of a virtual machine.
  ["linux", ["0x1af4"], "", false, /only graphics adapter is 0x1af4/],
  // Drivers that draw on the CPU, whatever else is there.
  ["linux", ["0x10de"], "/tmp/vk_swiftshader_icd.json", false, /software/],
  ["linux", ["0x10de"], "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", false, /software/],
  ["win32", ["NVIDIA GeForce RTX 4060"], "", true, /RTX 4060/],
  ["win32", ["Microsoft Basic Render Driver"], "", false, /Microsoft Basic/],
  ["darwin", ["Metal"], "", true, /Metal/],
] as const)("%s with adapters %j and driver %j: real hardware is %s", (platform, adapters, driverFiles, real, why) => {
  const verdict = judgeGpu({ platform, adapters, driverFiles });
  expect(verdict.real).toBe(real);
  expect(verdict.why).toMatch(why);
});
