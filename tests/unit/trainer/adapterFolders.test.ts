import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { merged, openModel } from "@/trainer/adapters/openModel";
import { saveAdapterFolder } from "@/trainer/adapters/peftFolder";
import type { AdapterConfig } from "@/trainer/contracts/adapter";
import type { ModelFolder } from "@/trainer/io/modelFolder";
import { adapterCase } from "../../helpers/adapterCase";
import { tinyModel, writeTinyModel } from "../../helpers/tinyModel";

const folder = mkdtempSync(join(tmpdir(), "adapters-"));
afterAll(() => rmSync(folder, { recursive: true }));
const baseFolder = writeTinyModel(join(folder, "base"));

/** An adapter that some training has moved, written for a base. */
function adapterFolder(name: string, settings: Partial<AdapterConfig>, base: ModelFolder, baseModel: string): string {
  const { config, trained, kept } = adapterCase(base, settings, 0.1);
  const at = join(folder, name);
  saveAdapterFolder(at, { config, parameters: { ...trained, ...kept }, head: "causal", baseModel }, base, "");
  return at;
}

test("two adapters of one base in one process hold its weights once", () => {
  const lora = openModel(adapterFolder("lora", { method: "lora" }, tinyModel(), baseFolder));
  const prefix = openModel(adapterFolder("prefix", { method: "prefix" }, tinyModel(), baseFolder));
  const weights = Object.keys(tinyModel().parameters);
  expect(weights.length).toBeGreaterThan(10);
  for (const name of weights) expect(lora.parameters[name]?.data).toBe(prefix.parameters[name]?.data);
});

test("where its base lies now is what the caller says, whatever it was when the adapter was trained", () => {
  const moved = adapterFolder("moved", { method: "lora" }, tinyModel(), "/nowhere/base");
  expect(() => openModel(moved)).toThrow(/\/nowhere\/base is not there/);
  cpSync(baseFolder, join(folder, "elsewhere"), { recursive: true });
  expect(openModel(moved, undefined, join(folder, "elsewhere")).parts?.adapter.method).toBe("lora");
});

test("an adapter that was trained from an adapter opens on what that one merges into", () => {
  const first = adapterFolder("first", { method: "lora" }, tinyModel(), baseFolder);
  const second = openModel(adapterFolder("second", { method: "prompt" }, merged(openModel(first)), first));
  const name = "model.layers.0.self_attn.q_proj.weight";
  const [expected, plain] = [merged(openModel(first)).parameters[name], tinyModel().parameters[name]];
  expect(second.parameters[name]?.data).toEqual(expected?.data);
  expect(second.parameters[name]?.data).not.toEqual(plain?.data);
});
