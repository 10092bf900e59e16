import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A Vulkan driver that computes on the CPU, out of the Chromium package: correct, slow, and there on any Linux. Names it to
 * this process and its children; false where there is none.
 */
export async function offerSwiftShader(): Promise<boolean> {
  if (process.platform !== "linux") return false;
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  const folder = dirname(await chromium.executablePath());
  const driver = join(folder, "vk_swiftshader_icd.json");
  if (!existsSync(driver)) return false;
  process.env.VK_DRIVER_FILES = driver;
  process.env.XDG_RUNTIME_DIR ??= folder;
  // Dawn loads libvulkan by name.
  process.env.LD_LIBRARY_PATH = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return true;
}
