import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { withFile } from "@/trainer/io/binaryFile";
import { loadModelFolder, parameterBytes, parameterCount, saveModelFolder } from "@/trainer/io/modelFolder";
import { dynamicValues } from "@/trainer/io/nf4/codes";
import { inFourBits, inFullPrecision } from "@/trainer/io/nf4/model";
import { dequantise, quantise, quantiseScales, toNf4 } from "@/trainer/io/nf4/quantise";
import { pythonFloat } from "@/trainer/io/nf4/stored";
import { encodeSafetensors, type Parameters, readSafetensorsHeader } from "@/trainer/io/safetensors";
import { uint8 } from "@/trainer/runtime/tree";
import { tinyFamily } from "../../helpers/tinyFamilies";

const sha256 = (data: Uint8Array | Float32Array) =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");
const folder = mkdtempSync(join(tmpdir(), "nf4-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("what bitsandbytes 0.50.2 makes of the same numbers", () => {
  test("the check of its paper's code", () => {
    expect([...toNf4(Float32Array.of(0.1, -0.2, 0.05, 0.4)).packed]).toEqual([0xa2, 0x9f]);
  });

  test("blocks of 64, the last one not full", () => {
    const draw = (i: number) => ((((i * 7919) % 2003) - 1001) / 1001) * (1 + (i % 5) / 4) * (i < 64 ? 0.5 : 2);
    const { packed, absmax } = toNf4(Float32Array.from({ length: 200 }, (_, i) => draw(i)));
    expect(Buffer.from(packed).toString("hex")).toBe(
      "2deeebbaa9776545421121eeebccbb88765653213210fccddc999876643243110dddddaaaa9776535321021eeebbbba887655432" +
        "1321ffccccc998866543242110cddddaaa9876543432102deeebbbba8776554321321eebcccb99876654324211fcdddd",
    );
    expect([...absmax]).toEqual([0.9150848984718323, 3.7722277641296387, 3.916083812713623, 3.9440560340881348]);
  });

  test("the 8-bit dynamic type, and scales in it about their mean", () => {
    expect(sha256(dynamicValues())).toBe("e732639a65f497b4ad684bb166a4467708255edd5207757de8b8f0c7e1fda89c");
    // Sums of these are exact in float32, in whatever order.
    const absmax = Float32Array.from({ length: 260 }, (_, i) => 1 + (((i * 7919) % 2003) % 256) / 256);
    const { scales, nestedScales, offset } = quantiseScales(absmax);
    expect(offset).toBe(1.483548641204834);
    expect([...nestedScales]).toEqual([0.504732608795166, 0.407076358795166]);
    expect([...scales.slice(0, 8)]).toEqual([2, 83, 16, 219, 55, 4, 206, 42]);
    expect(sha256(scales)).toBe("33c910a8db90290d5bf9cd5c28a34c651e72490223d4122b5f6d10144f141e54");
    const back = dequantise({ packed: new Uint8Array(260 * 32).fill(0xff), scales, nestedScales, offset }, 260 * 64);
    expect([back[0], back[64], back[128]]).toEqual([0.9965605735778809, 1.460756778717041, 1.095929741859436]);
  });
});

test("zeros stay zeros, and every number comes back as the nearest of its block's sixteen", () => {
  const data = Float32Array.from({ length: 130 }, (_, i) => (i < 64 ? 0 : Math.sin(i)));
  const back = dequantise(quantise(data), data.length);
  expect(back.subarray(0, 64).every((x) => x === 0)).toBe(true);
  // Half the widest gap between two values, and the error of the scale.
  for (let i = 64; i < 130; i++) expect(Math.abs((back[i] as number) - (data[i] as number))).toBeLessThan(0.16);
});

test("numbers are written as Python writes them", () => {
  const written = [0.05201712250709534, 2, 1e-4, 1.5e-5, 1e-10, 1.25e16, 0].map(pythonFloat);
  expect(written).toEqual(["0.05201712250709534", "2.0", "0.0001", "1.5e-05", "1e-10", "1.25e+16", "0.0"]);
});

describe.each(["llama, as SmolLM2", "gpt2"])("%s", (family) => {
  const model = tinyFamily(family);
  const packed = inFourBits(model);
  const path = join(folder, family);
  saveModelFolder(path, packed, "", "F32");

  test("is read as it was written, and the other way round byte by byte", () => {
    const read = loadModelFolder(path);
    expect(read.parameters).toEqual(packed.parameters);
    expect(read.nf4Origin).toBe("float32");
    const before = readFileSync(join(path, "model.safetensors"));
    saveModelFolder(`${path} again`, read, "", "F32");
    expect(readFileSync(join(`${path} again`, "model.safetensors")).equals(before)).toBe(true);
  });

  test("is quantised while it is loaded, tensor by tensor, to the same bytes", () => {
    saveModelFolder(`${path} whole`, model, "", "F32");
    expect(loadModelFolder(`${path} whole`, "nf4").parameters).toEqual(packed.parameters);
  });

  test("counts its parameters as before; those in 4 bits take 0.52 bytes and their nested scales' rest", () => {
    expect(parameterCount(packed.parameters)).toBe(parameterCount(model.parameters));
    const whole = inFullPrecision(packed);
    expect(Object.keys(whole.parameters)).toEqual(Object.keys(model.parameters));
    const linears = Object.keys(packed.parameters).filter((name) => name.endsWith(".absmax")).length;
    const numbers = Object.entries(packed.parameters).reduce(
      (sum, [name, { data }]) => (`${name}.absmax` in packed.parameters ? sum + 2 * data.length : sum),
      0,
    );
    const saved = parameterBytes(model.parameters) - parameterBytes(packed.parameters);
    // A nested scale and an offset for each, beside what falls to a number.
    expect(Math.abs(saved / numbers - (4 - 0.5 - 1 / 64))).toBeLessThan((8.5 * linears) / numbers);
  });
});

test("other 4-bit types, tables and shapes are refused by name", () => {
  const path = join(folder, "llama, as SmolLM2", "model.safetensors");
  const name = "model.layers.0.self_attn.q_proj.weight";
  const changed = (change: (tensors: Parameters) => void) => {
    const all = withFile(path, (file) =>
      Object.fromEntries(
        [...readSafetensorsHeader(file)].map(([key, { dtype, shape, position, bytes }]) => {
          const data = new Uint8Array(file.read(position, bytes));
          return [
            key,
            dtype === "U8"
              ? uint8(data, shape)
              : { dtype: "float32" as const, shape, data: new Float32Array(data.buffer) },
          ];
        }),
      ),
    );
    const original = readFileSync(path);
    change(all);
    writeFileSync(path, encodeSafetensors(all, "F32"));
    try {
      loadModelFolder(join(folder, "llama, as SmolLM2"));
    } finally {
      writeFileSync(path, original);
    }
  };
  const state = `${name}.quant_state.bitsandbytes__nf4`;
  const put = (tensors: Parameters, from: string, to: string) => {
    const text = Buffer.from(tensors[state]?.data as Uint8Array)
      .toString()
      .replace(from, to);
    tensors[state] = uint8(new Uint8Array(Buffer.from(text)), [text.length]);
  };
  expect(() => changed((t) => put(t, '"nf4"', '"fp4"'))).toThrow(/quant_type/);
  expect(() => changed((t) => put(t, '"blocksize": 64', '"blocksize": 128'))).toThrow(/blocksize/);
  expect(() => changed((t) => put(t, '"shape": [', '"shape": [1, '))).toThrow(/where config.json says/);
  expect(() => changed((t) => put(t, "{", "["))).toThrow(/no JSON/);
  expect(() => changed((t) => t[`${name}.quant_map`]?.data.fill(0.5))).toThrow(/another table/);
  expect(() => changed((t) => delete t[`${name}.nested_absmax`])).toThrow(/lacks .*nested_absmax/);
  expect(() => changed(() => {})).not.toThrow();
});
