import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the machine says about its graphics adapters. */
export interface GpuFacts {
  readonly platform: NodeJS.Platform;
  /** Names of adapters, or PCI vendor ids (`0x10de`) on Linux. */
  readonly adapters: readonly string[];
  /** VK_DRIVER_FILES or VK_ICD_FILENAMES, when set. */
  readonly driverFiles: string;
}

export interface GpuVerdict {
  readonly real: boolean;
  /** A sentence's second half: "… , so the CPU computes". */
  readonly why: string;
}

const pciVendors: Readonly<Record<string, string>> = {
  "0x10de": "NVIDIA",
  "0x1002": "AMD",
  "0x8086": "Intel",
  "0x106b": "Apple",
  "0x13b5": "ARM",
  "0x5143": "Qualcomm",
};

/** Drivers that draw on the CPU, and the adapters of virtual machines. */
const software = /swiftshader|llvmpipe|lavapipe|lvp_icd|softpipe|basic render|basic display|virtio|vmware|qxl|hyper-v/i;

/** Whether a GPU computes here, or a program that imitates one, which is slower than the CPU's own kernels. */
export function judgeGpu({ platform, adapters, driverFiles }: GpuFacts): GpuVerdict {
  if (software.test(driverFiles)) return { real: false, why: `the Vulkan driver is software (${driverFiles})` };
  const named = adapters.map((a) => (platform === "linux" ? (pciVendors[a] ?? null) : software.test(a) ? null : a));
  const first = named.find((name) => name !== null);
  if (first) return { real: true, why: `the graphics adapter is ${first}` };
  if (adapters.length > 0) return { real: false, why: `the only graphics adapter is ${adapters.join(", ")}` };
  return { real: false, why: "there is no graphics adapter" };
}

/** PCI vendor ids of the render nodes. */
function linuxAdapters(root = "/sys/class/drm"): string[] {
  if (!existsSync(root)) return [];
  const nodes = readdirSync(root).filter((name) => name.startsWith("renderD"));
  const files = nodes.map((name) => join(root, name, "device", "vendor")).filter((file) => existsSync(file));
  return files.map((file) => readFileSync(file, "utf8").trim());
}

function windowsAdapters(): string[] {
  const command = "(Get-CimInstance Win32_VideoController).Name";
  try {
    const out = execFileSync("powershell", ["-NoProfile", "-Command", command], { encoding: "utf8", timeout: 10_000 });
    return out.split(/\r?\n/).filter(Boolean);
  } catch {
    return [];
  }
}

export function gpuFacts(): GpuFacts {
  const { platform, env } = process;
  const driverFiles = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES ?? "";
  // Every Mac that runs a supported Node has Metal.
  const adapters =
    platform === "linux"
      ? linuxAdapters()
      : platform === "win32"
        ? windowsAdapters()
        : platform === "darwin"
          ? ["Metal"]
          : [];
  return { platform, adapters, driverFiles };
}
