import { z } from "zod";
import type { Projection } from "../../models/names";
import { float32, type HostArray, scalar, uint8 } from "../../runtime/tree";
import type { BinaryFile } from "../binaryFile";
import { type FloatType, floatTypes } from "../floats";
import { type Parameters, readTensor, type StoredTensor } from "../safetensors";
import { blockSize, dynamicValues, nestedBlockSize, nf4Values } from "./codes";
import { dequantise, quantise } from "./quantise";

/** The parameters that hold a projection's weight [out, in] in 4 bits, by bitsandbytes' names; it has the offset elsewhere. */
export const partsOf = (projection: string) => ({
  packed: `${projection}.weight`,
  scales: `${projection}.weight.absmax`,
  nestedScales: `${projection}.weight.nested_absmax`,
  offset: `${projection}.weight.nested_offset`,
});

/** What a file holds beside them, which says nothing of the weight. */
const fileParts = (projection: string) => ({
  values: `${projection}.weight.quant_map`,
  nestedValues: `${projection}.weight.nested_quant_map`,
  state: `${projection}.weight.quant_state.bitsandbytes__nf4`,
});

/** Whether a model's parameters hold that projection's weight in 4 bits. */
export const isInNf4 = (parameters: object, projection: string): boolean => partsOf(projection).scales in parameters;

/** The numbers that a part of a weight in 4 bits stands for; undefined where a parameter is none. */
export function numbersOf(parameters: Parameters, name: string): number | undefined {
  const scales = parameters[`${name}.absmax`];
  if (scales) return 2 * (parameters[name]?.data.length ?? 0);
  const [, weight] = /^(.*\.weight)\.(?:absmax|nested_absmax|nested_offset)$/.exec(name) ?? [];
  return weight !== undefined && weight in parameters ? 0 : undefined;
}

/** A weight [out, in] as its parts. */
export function inNf4(projection: string, weight: HostArray): Parameters {
  const parts = partsOf(projection);
  const { packed, scales, nestedScales, offset } = quantise(weight.data as Float32Array);
  return {
    [parts.packed]: uint8(packed, [packed.length, 1]),
    [parts.scales]: uint8(scales, [scales.length]),
    [parts.nestedScales]: float32(nestedScales, [nestedScales.length]),
    [parts.offset]: scalar(offset),
  };
}

/** The weight [out, in] that the parts stand for. */
export function outOfNf4(parameters: Parameters, { name, input, output }: Projection): HostArray {
  const parts = partsOf(name);
  const array = (part: string) => parameters[part] as HostArray;
  const nested = parameters[parts.nestedScales];
  const data = dequantise(
    {
      packed: array(parts.packed).data as Uint8Array,
      scales: array(parts.scales).data as Uint8Array | Float32Array,
      ...(nested && { nestedScales: nested.data as Float32Array, offset: array(parts.offset).data[0] as number }),
    },
    input * output,
  );
  return float32(data, [output, input]);
}

const stateSchema = z.object({
  quant_type: z.literal("nf4"),
  blocksize: z.literal(blockSize),
  dtype: z.enum(["float32", "float16", "bfloat16"]),
  shape: z.array(z.number().int().positive()),
  nested_blocksize: z.literal(nestedBlockSize).optional(),
  nested_dtype: z.literal("float32").optional(),
  nested_offset: z.number().optional(),
});

/** The kind of numbers that a weight had before. */
export type Nf4Origin = z.infer<typeof stateSchema>["dtype"];

/** Whether a tensor of a file tells of a weight in NF4. */
export const isNf4State = (name: string): boolean => name.endsWith(".quant_state.bitsandbytes__nf4");

/** Whether a file holds that projection's weight as bitsandbytes' NF4. */
export const storesNf4 = (stored: ReadonlyMap<string, StoredTensor>, projection: string): boolean =>
  stored.has(fileParts(projection).state);

/** Reads the parts of a weight from a file. Other 4-bit types, block sizes and tables are refused. */
export function readNf4(
  file: BinaryFile,
  stored: ReadonlyMap<string, StoredTensor>,
  { name, input, output }: Projection,
): { readonly parts: Parameters; readonly origin: Nf4Origin } {
  const [parts, others] = [partsOf(name), fileParts(name)];
  const tensor = (part: string, dtype: "U8" | "F32", size?: number): HostArray => {
    const found = stored.get(part);
    if (!found) throw file.bad(`lacks ${part}`);
    const bytes = dtype === "U8" ? 1 : floatTypes[dtype as FloatType];
    if (found.dtype !== dtype || (size !== undefined && found.bytes !== size * bytes))
      throw file.bad(`stores ${part} as ${found.dtype}[${found.shape}] where ${dtype}[${size ?? "…"}] is wanted`);
    return dtype === "U8" ? readBytes(file, found) : readTensor(file, part, found);
  };
  const stateOf = () => {
    const text = Buffer.from(tensor(others.state, "U8").data).toString("utf8");
    try {
      return stateSchema.safeParse(JSON.parse(text));
    } catch {
      throw file.bad(`has no JSON in ${others.state}`);
    }
  };
  const parsed = stateOf();
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw file.bad(`has ${others.state} with ${issue?.path.join(".")}: ${issue?.message}; NF4 in blocks of 64 is read`);
  }
  const { dtype, shape, nested_offset: offset } = parsed.data;
  if (shape.join() !== [output, input].join())
    throw file.bad(`holds ${name} as [${shape}] where config.json says [${[output, input]}]`);
  const table = (part: string, values: Float32Array) => {
    const { data } = tensor(part, "F32", values.length);
    if (values.some((value, i) => value !== data[i])) throw file.bad(`has another table of values in ${part}`);
  };
  table(others.values, nf4Values);
  const blocks = Math.ceil((input * output) / blockSize);
  const packed = tensor(parts.packed, "U8", Math.ceil((input * output) / 2));
  if (offset === undefined) {
    return { parts: { [parts.packed]: packed, [parts.scales]: tensor(parts.scales, "F32", blocks) }, origin: dtype };
  }
  table(others.nestedValues, dynamicValues());
  return {
    parts: {
      [parts.packed]: packed,
      [parts.scales]: tensor(parts.scales, "U8", blocks),
      [parts.nestedScales]: tensor(parts.nestedScales, "F32", Math.ceil(blocks / nestedBlockSize)),
      [parts.offset]: scalar(offset),
    },
    origin: dtype,
  };
}

function readBytes(file: BinaryFile, { shape, position, bytes }: StoredTensor): HostArray {
  const data = new Uint8Array(bytes);
  file.readInto(data, position);
  return uint8(data, shape);
}

/** The tensors of a file for a weight in 4 bits, byte by byte as bitsandbytes writes them. */
export function nf4Tensors(parameters: Parameters, { name, input, output }: Projection, origin: Nf4Origin): Parameters {
  const [parts, others] = [partsOf(name), fileParts(name)];
  const array = (part: string) => parameters[part] as HostArray;
  const values = float32(nf4Values, [nf4Values.length]);
  const plain: [string, string][] = [
    ["quant_type", '"nf4"'],
    ["blocksize", String(blockSize)],
    ["dtype", `"${origin}"`],
    ["shape", `[${output}, ${input}]`],
  ];
  const isNested = parts.nestedScales in parameters;
  const nested: [string, string][] = isNested
    ? [
        ["nested_blocksize", String(nestedBlockSize)],
        ["nested_dtype", '"float32"'],
        ["nested_offset", pythonFloat(array(parts.offset).data[0] as number)],
      ]
    : [];
  const state = Buffer.from(`{${[...plain, ...nested].map(([key, value]) => `"${key}": ${value}`).join(", ")}}`);
  const table = dynamicValues();
  return {
    [parts.packed]: array(parts.packed),
    [parts.scales]: array(parts.scales),
    [others.values]: values,
    ...(isNested && {
      [parts.nestedScales]: array(parts.nestedScales),
      [others.nestedValues]: float32(table, [table.length]),
    }),
    [others.state]: uint8(new Uint8Array(state), [state.length]),
  };
}

/** A number as Python writes it: with a point or an exponent of two digits. */
export function pythonFloat(x: number): string {
  if (x !== 0 && (Math.abs(x) < 1e-4 || Math.abs(x) >= 1e16)) {
    return x.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(x) ? `${x}.0` : String(x);
}
