import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { nameOfBase } from "@/trainer/adapters/basePlace";
import { openModel } from "@/trainer/adapters/openModel";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { adapterCase, saveCase } from "../../helpers/adapterCase";
import { tinyFamily } from "../../helpers/tinyFamilies";

afterEach(() => vi.unstubAllEnvs());

const base = tinyFamily("gpt2");

/** A folder with a base in `models/tiny` and an adapter on it in `runs/one/model`. */
function made(): string {
  const folder = mkdtempSync(join(tmpdir(), "place-"));
  mkdirSync(join(folder, "data", "models"), { recursive: true });
  mkdirSync(join(folder, "data", "runs", "one"), { recursive: true });
  const place = join(folder, "data", "models", "tiny");
  saveModelFolder(place, base, "", "F32");
  saveCase(join(folder, "data", "runs", "one", "model"), adapterCase(base, { method: "lora" }, 0.1), place);
  return folder;
}

const opens = (folder: string) => expect(openModel(folder).parts?.base.parameters).toEqual(base.parameters);

test("an adapter names its base, tells nobody where it lies, and finds it when both have moved together", () => {
  const folder = made();
  const adapter = join(folder, "data", "runs", "one", "model");
  const told = readFileSync(join(adapter, "adapter_config.json"), "utf8");
  expect(JSON.parse(told)).toMatchObject({ base_model_name_or_path: "tiny" });
  expect(told + readFileSync(join(adapter, "tiebreak.json"), "utf8")).not.toContain(folder);
  renameSync(join(folder, "data"), join(folder, "moved"));
  opens(join(folder, "moved", "runs", "one", "model"));
});

test("alone it is opened where its base lies beside it, in TIEBREAK_MODELS or in the hub's cache; else the way out is told", () => {
  const folder = made();
  const adapter = join(folder, "adapters", "mine");
  mkdirSync(join(folder, "adapters"));
  renameSync(join(folder, "data", "runs", "one", "model"), adapter);
  expect(() => openModel(adapter)).toThrow(/base tiny is not there.*TIEBREAK_MODELS/);
  vi.stubEnv("TIEBREAK_MODELS", `/nowhere:${join(folder, "data", "models")}`);
  opens(adapter);
  vi.unstubAllEnvs();
  renameSync(join(folder, "data", "models", "tiny"), join(folder, "adapters", "tiny"));
  opens(adapter);
  const config = join(adapter, "adapter_config.json");
  writeFileSync(config, readFileSync(config, "utf8").replace('"tiny"', '"someone/tiny"'));
  expect(() => openModel(adapter)).toThrow(/someone\/tiny is not there/);
  const cached = join(folder, "hub", "models--someone--tiny");
  mkdirSync(join(cached, "refs"), { recursive: true });
  mkdirSync(join(cached, "snapshots"));
  writeFileSync(join(cached, "refs", "main"), "abc\n");
  renameSync(join(folder, "adapters", "tiny"), join(cached, "snapshots", "abc"));
  vi.stubEnv("HF_HUB_CACHE", join(folder, "hub"));
  opens(adapter);
});

test("a base from the hub is called by its id, a run's model by the run", () => {
  const folder = made();
  const place = join(folder, "data", "models", "tiny");
  expect(nameOfBase(join(folder, "data", "runs", "one", "model"))).toBe("one/model");
  const config = join(place, "config.json");
  const json = JSON.parse(readFileSync(config, "utf8"));
  writeFileSync(config, JSON.stringify({ ...json, _name_or_path: "someone/tiny" }));
  expect(nameOfBase(place)).toBe("someone/tiny");
  writeFileSync(config, JSON.stringify({ ...json, _name_or_path: "/home/somebody/tiny" }));
  expect(nameOfBase(place)).toBe("tiny");
  rmSync(folder, { recursive: true });
});
