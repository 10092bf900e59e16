/** The ways to run a program, from the fastest to the one that is always there. */
export const providerNames = ["onnx-cuda", "onnx-webgpu", "onnx-cpu", "tfjs-node-gpu", "tfjs-node", "wasm"] as const;
export type ProviderName = (typeof providerNames)[number];
