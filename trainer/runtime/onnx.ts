import protobuf from "protobufjs";
import type { ArrayData } from "./tree";

/**
 * The part of the official ONNX schema (onnx/onnx.proto, IR version 9) that a traced program needs, as protobufjs
 * descriptors: field numbers and types are the standard's.
 */
const schema = protobuf.Root.fromJSON({
  nested: {
    AttributeProto: {
      fields: {
        name: { type: "string", id: 1 },
        f: { type: "float", id: 2 },
        i: { type: "int64", id: 3 },
        s: { type: "bytes", id: 4 },
        ints: { rule: "repeated", type: "int64", id: 8, options: { packed: false } },
        type: { type: "int32", id: 20 },
      },
    },
    NodeProto: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "AttributeProto", id: 5 },
        domain: { type: "string", id: 7 },
      },
    },
    TensorProto: {
      fields: {
        dims: { rule: "repeated", type: "int64", id: 1, options: { packed: false } },
        dataType: { type: "int32", id: 2 },
        name: { type: "string", id: 8 },
        rawData: { type: "bytes", id: 9 },
      },
    },
    Dimension: { fields: { dimValue: { type: "int64", id: 1 } } },
    TensorShapeProto: { fields: { dim: { rule: "repeated", type: "Dimension", id: 1 } } },
    TensorTypeProto: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "TensorShapeProto", id: 2 } } },
    TypeProto: { fields: { tensorType: { type: "TensorTypeProto", id: 1 } } },
    ValueInfoProto: { fields: { name: { type: "string", id: 1 }, type: { type: "TypeProto", id: 2 } } },
    GraphProto: {
      fields: {
        node: { rule: "repeated", type: "NodeProto", id: 1 },
        name: { type: "string", id: 2 },
        initializer: { rule: "repeated", type: "TensorProto", id: 5 },
        input: { rule: "repeated", type: "ValueInfoProto", id: 11 },
        output: { rule: "repeated", type: "ValueInfoProto", id: 12 },
      },
    },
    OperatorSetIdProto: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    ModelProto: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        graph: { type: "GraphProto", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSetIdProto", id: 8 },
      },
    },
  },
});
const modelType = schema.lookupType("ModelProto");

/** TensorProto.DataType. */
export const onnxType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
export type OnnxDType = keyof typeof onnxType;

type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers, lists of integers, strings, or `{ float }`: all that the lowerings use. */
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  readonly domain: string;
}

export interface OnnxValue {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
}

export interface OnnxConstant extends OnnxValue {
  readonly values: ArrayData | BigInt64Array;
}

const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 };

function attribute(name: string, value: OnnxAttribute) {
  if (typeof value === "string") return { name, s: Buffer.from(value), type: attributeTypes.string };
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.ints };
}

const valueInfo = ({ name, dtype, shape }: OnnxValue) => ({
  name,
  type: { tensorType: { elemType: onnxType[dtype], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});

/** Serialises a graph, opset 20 plus ONNX Runtime's own operators. */
export function encodeModel(graph: {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}): Uint8Array {
  return modelType
    .encode({
      irVersion: 9,
      opsetImport: [
        { domain: "", version: 20 },
        { domain: "com.microsoft", version: 1 },
      ],
      graph: {
        name: "program",
        node: graph.nodes.map((node) => ({
          input: node.inputs,
          output: node.outputs,
          name: `n_${node.outputs[0]}`,
          opType: node.op,
          attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
          domain: node.domain,
        })),
        initializer: graph.constants.map(({ name, dtype, shape, values }) => ({
          name,
          dataType: onnxType[dtype],
          dims: shape,
          rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        })),
        input: graph.inputs.map(valueInfo),
        output: graph.outputs.map(valueInfo),
      },
    })
    .finish();
}
