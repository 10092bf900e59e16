import type { OnnxConstant, OnnxNode } from "./onnx";
import type { Readable } from "./trace";

const few = 8;

function constantText({ dtype, shape, values }: OnnxConstant): string {
  const numbers = Array.from(values.subarray(0, few), Number).map((n) => String(Number(n.toPrecision(4))));
  const all = values.length > few ? [...numbers, "…"] : numbers;
  return `${dtype}[${shape.join()}] = ${all.join(", ")}`;
}

function nodeText({ op, inputs, outputs, attributes }: OnnxNode, made: Readable["made"]): string {
  const settings = Object.entries(attributes).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const results = outputs.map((name) => {
    const value = made.get(name);
    return value ? `${name} ${value.dtype}[${value.shape.join()}]` : name;
  });
  return `${results.join(", ")} = ${op}(${[...inputs, ...settings].join(", ")})`;
}

/** A recorded graph as lines: inputs, constants, nodes in the order they run, outputs. */
export function graphLines({ inputs, constants, nodes, outputs, made }: Readable): string[] {
  return [
    ...inputs.map(({ name, dtype, shape }) => `input  ${name} ${dtype}[${shape.join()}]`),
    ...constants.map((constant) => `const  ${constant.name} ${constantText(constant)}`),
    ...nodes.map((node) => `node   ${nodeText(node, made)}`),
    `output ${outputs.map(({ name }) => name).join(", ")}`,
  ];
}
