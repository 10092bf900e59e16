import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { deriveDelta } from "@/trainer/adapters/bitdelta/derive";
import { loadDeltaFolder, saveDeltaFolder } from "@/trainer/adapters/bitdelta/folder";
import { signsOf, withSigns } from "@/trainer/adapters/bitdelta/signs";
import { openModel } from "@/trainer/adapters/openModel";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { float32, type HostArray } from "@/trainer/runtime/tree";
import { moved } from "../../helpers/adapterCase";
import { tinyModel } from "../../helpers/tinyModel";

const kept = { rest: "f16", embeddings: "kept" } as const;
const root = mkdtempSync(join(tmpdir(), "delta-"));
const base = tinyModel();
const tuned = { ...base, parameters: moved(base.parameters, 0.05) };
const { scales, signs, rest } = deriveDelta(base, tuned, kept);
const parameters = { ...scales, ...signs, ...rest };
const save = (name: string, from = parameters) => {
  const folder = join(root, name);
  saveDeltaFolder(folder, from, { base, tuned, baseModel: "../base", card: "# card\n" });
  return folder;
};

beforeAll(() => saveModelFolder(join(root, "base"), base, "", "F32"));

test("signs and scale of a change, by hand; nothing and more is a plus", () => {
  const before = float32([1, 1, 1, 1, 1, 1], [2, 3]);
  const after = float32([1.5, 0.75, 1, 0, 2, 0.75], [2, 3]);
  const found = signsOf(before, after);
  expect(found.signs).toEqual({ dtype: "int32", shape: [2, 1], data: Int32Array.of(0b101, 0b010) });
  expect(found.scale).toBe((0.5 + 0.25 + 0 + 1 + 1 + 0.25) / 6);
  expect(Array.from(withSigns(before, found.signs, 0.5).data)).toEqual([1.5, 0.5, 1.5, 0.5, 1.5, 0.5]);
});

test("the mean size of the change leaves the least squared error that one scale can", () => {
  const name = "model.layers.0.mlp.up_proj";
  const [from, to] = [base.parameters, tuned.parameters].map((p) => p[`${name}.weight`] as HostArray) as [
    HostArray,
    HostArray,
  ];
  const found = signsOf(from, to);
  const error = (scale: number) =>
    Array.from(withSigns(from, found.signs, scale).data).reduce(
      (sum, x, i) => sum + (x - (to.data[i] as number)) ** 2,
      0,
    );
  for (const factor of [0.97, 1.03]) expect(error(found.scale)).toBeLessThan(error(found.scale * factor));
});

test("the file is as docs/bitdelta.md says, read with nothing but the description", () => {
  const bytes = readFileSync(join(save("layout"), "delta.safetensors"));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const at = (name: string) => {
    const entry = header[name];
    if (!entry) throw new Error(`${name} is missing`);
    return { ...entry, data: bytes.subarray(8 + length + entry.data_offsets[0], 8 + length + entry.data_offsets[1]) };
  };
  let matrices = 0;
  for (const [name, { shape, data }] of Object.entries(tuned.parameters)) {
    const before = base.parameters[name]?.data as Float32Array;
    if (!name.endsWith("_proj.weight")) {
      expect(at(name)).toMatchObject({ dtype: "F16", shape });
      continue;
    }
    matrices += 1;
    const [rows, columns] = shape as [number, number];
    const own = at(name.replace(".weight", ".delta_signs"));
    expect(own).toMatchObject({ dtype: "U8", shape: [rows, 4 * Math.ceil(columns / 32)] });
    let size = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const change = (data[r * columns + c] as number) - (before[r * columns + c] as number);
        size += Math.abs(change) / (rows * columns);
        const byte = own.data[r * (own.shape[1] as number) + Math.floor(c / 8)] as number;
        expect((byte >> (c % 8)) & 1).toBe(change >= 0 ? 1 : 0);
      }
    }
    const scale = at(name.replace(".weight", ".delta_scale"));
    expect(scale).toMatchObject({ dtype: "F32", shape: [] });
    expect(scale.data.readFloatLE(0)).toBeCloseTo(size, 7);
  }
  expect(matrices).toBe(14);
});

test("what is saved comes back to the bit, and names and texts are the fine-tuned model's", () => {
  const folder = save("again");
  const loaded = loadDeltaFolder(folder, base);
  expect(loaded.parameters).toEqual(parameters);
  const opened = openModel(folder);
  expect(opened.parts?.base.parameters).toEqual(base.parameters);
  const other = { ...tuned, chatTemplate: "{{ messages[0].content }}!", eosToken: "." };
  saveDeltaFolder(folder, parameters, { base, tuned: other, baseModel: "../base", card: "" });
  expect(openModel(folder)).toMatchObject({ chatTemplate: other.chatTemplate, eosToken: "." });
});

test("tensors in full are kept to the bit, unchanged ones are left out, embeddings may stay the base's", () => {
  const full = deriveDelta(base, tuned, { rest: "f32", embeddings: "kept" });
  for (const [name, array] of Object.entries(full.rest)) expect(array).toEqual(tuned.parameters[name]);
  const folder = save("full", { ...full.scales, ...full.signs, ...full.rest });
  expect(loadDeltaFolder(folder, base).parameters["model.norm.weight"]).toEqual(tuned.parameters["model.norm.weight"]);
  const norm = "model.norm.weight";
  const same = { ...tuned, parameters: { ...tuned.parameters, [norm]: base.parameters[norm] as HostArray } };
  expect(Object.keys(rest)).toContain(norm);
  expect(Object.keys(deriveDelta(base, same, kept).rest)).not.toContain(norm);
  const shared = deriveDelta(base, tuned, { ...kept, embeddings: "base" });
  expect(Object.keys(rest).filter((name) => !(name in shared.rest))).toEqual(["model.embed_tokens.weight"]);
});

test("another base, a missing one, a foreign file and a model of another shape are refused in words", () => {
  const folder = save("refused");
  const norm = base.parameters["model.norm.weight"] as HostArray;
  const changed = { ...norm, data: norm.data.map((x, i) => (i === 3 ? x + 1e-6 : x)) };
  const other = { ...base, parameters: { ...base.parameters, "model.norm.weight": changed } };
  expect(() => loadDeltaFolder(folder, other)).toThrow(
    /refused: \.\.\/base is not the base this delta was made from \(SHA-256 of its weights [0-9a-f]{12}…, made from [0-9a-f]{12}…\)\. Put the base/,
  );
  const config = join(folder, "delta_config.json");
  const json = JSON.parse(readFileSync(config, "utf8"));
  writeFileSync(config, JSON.stringify({ ...json, base_model_name_or_path: "../gone" }));
  expect(() => openModel(folder)).toThrow(/refused: its base \.\.\/gone is not there/);
  writeFileSync(config, JSON.stringify({ ...json, version: 2 }));
  expect(() => openModel(folder)).toThrow(/delta_config\.json: version: /);
  const wide = tinyModel(1, { intermediateSize: 32 });
  expect(() => deriveDelta(base, wide, kept)).toThrow(
    /not tuned from this base: its model\.layers\.0\.mlp\.gate_proj\.weight is \[32,16\], the base's \[24,16\]/,
  );
  const { "model.layers.0.mlp.up_proj.delta_scale": _, ...without } = parameters;
  expect(() => openModel(save("without", without))).toThrow(/up_proj\.delta_scale is missing/);
});
