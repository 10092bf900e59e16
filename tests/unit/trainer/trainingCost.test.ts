import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { trainedMethods } from "@/trainer/adapters/capabilities";
import { saveAdapterFolder } from "@/trainer/adapters/peftFolder";
import { methodOf } from "@/trainer/adapters/registry";
import { type AdapterConfig, adapterSchema } from "@/trainer/contracts/adapter";
import { type AdapterKind, adapterKindEntries, adapterOf, settingsOfKind } from "@/trainer/contracts/adapterKinds";
import { type ModelShape, modelShape } from "@/trainer/contracts/modelShape";
import { fileBytes, parametersOf, stateBytes, stepWork, trainingCost } from "@/trainer/contracts/trainingCost";
import { type ModelFolder, parameterCount, saveModelFolder } from "@/trainer/io/modelFolder";
import { configJson } from "@/trainer/models/configJson";
import { parameterShapes } from "@/trainer/models/initialise";
import { adapterCase } from "../../helpers/adapterCase";
import { tinyFamily } from "../../helpers/tinyFamilies";

const folder = mkdtempSync(join(tmpdir(), "cost-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shapeOf = ({ config }: Pick<ModelFolder, "config">): ModelShape =>
  modelShape(parameterShapes(config), configJson(config, "causal", "float32")) as ModelShape;

/** SmolLM2-135M by its config.json, without its weights. */
const smol: ModelShape = modelShape(
  Object.fromEntries([
    ["model.embed_tokens.weight", [49152, 576]],
    ["model.norm.weight", [576]],
    ...Array.from({ length: 30 }, (_, i): [string, number[]][] => {
      const at = `model.layers.${i}`;
      return [
        [`${at}.self_attn.q_proj.weight`, [576, 576]],
        [`${at}.self_attn.k_proj.weight`, [192, 576]],
        [`${at}.self_attn.v_proj.weight`, [192, 576]],
        [`${at}.self_attn.o_proj.weight`, [576, 576]],
        [`${at}.mlp.gate_proj.weight`, [1536, 576]],
        [`${at}.mlp.up_proj.weight`, [1536, 576]],
        [`${at}.mlp.down_proj.weight`, [576, 1536]],
        [`${at}.input_layernorm.weight`, [576]],
        [`${at}.post_attention_layernorm.weight`, [576]],
      ];
    }).flat(),
  ]),
  { model_type: "llama", num_attention_heads: 9, num_key_value_heads: 3 },
) as ModelShape;

const adapter = (settings: Partial<AdapterConfig> = {}) => adapterSchema.parse(settings);
const batch = { examples: 8, promptTokens: 40, answerTokens: 60 };

test("the shape of SmolLM2-135M, and what PEFT counts for a LoRA of rank 16 on all its projections", () => {
  expect(smol).toMatchObject({
    parameters: 134_515_008,
    layers: 30,
    headSize: 64,
    intermediateSize: 1536,
    vocabSize: 49152,
  });
  // By hand: 16 · 30 · (2·(576+576) + 2·(576+192) + 3·(576+1536)).
  const lora = { kind: "dpo", adapter: adapter({ method: "lora" }) } as const;
  expect(parametersOf(smol, lora)).toEqual({ trained: 4_884_480, frozen: 134_515_008 });
  expect(fileBytes(smol, lora)).toBe(4 * 4_884_480);
  // The usual prefix: 20 places of 30 layers' keys and values of 3 · 64.
  expect(parametersOf(smol, { kind: "dpo", adapter: adapter({ method: "prefix" }) }).trained).toBe(20 * 30 * 2 * 192);
  expect(parametersOf(smol, { kind: "reward", adapter: adapter() }).trained).toBe(134_515_008 + 576);
});

test.each(["gpt2", "llama, as SmolLM2", "llama, untied with biases", "qwen3"])(
  "%s: what each method is computed to train and to write is what it trains and writes",
  (family) => {
    const base = tinyFamily(family);
    const shape = shapeOf(base);
    expect(shape.parameters).toBe(parameterCount(base.parameters));
    expect(shape).toMatchObject({ headSize: base.config.headSize, intermediateSize: base.config.intermediateSize });
    for (const [name, { settings }] of Object.entries(trainedMethods)) {
      const made = adapterCase(base, settings, 0);
      const request = { kind: "dpo", adapter: made.config } as const;
      const counts = { trained: parameterCount(made.trained), frozen: shape.parameters + parameterCount(made.kept) };
      expect(parametersOf(shape, request), name).toEqual(counts);
      const output = join(folder, `${family} ${name}`);
      const parameters = { ...made.trained, ...made.kept };
      saveAdapterFolder(output, { config: made.config, parameters, head: "causal", baseModel: "b" }, base, "");
      expect(dataBytes(join(output, "adapter_model.safetensors")), name).toBe(fileBytes(shape, request));
    }
    const whole = join(folder, `${family} whole`);
    saveModelFolder(whole, base, "", "F32");
    expect(dataBytes(join(whole, "model.safetensors"))).toBe(fileBytes(shape, { kind: "dpo", adapter: adapter() }));
  },
);

/** Of a safetensors file, what comes after its header. */
function dataBytes(file: string): number {
  return statSync(file).size - 8 - Number(readFileSync(file).readBigUInt64LE());
}

test("what is told of merging is what the methods do", () => {
  for (const [kind, { merges }] of Object.entries(adapterKindEntries)) {
    const method = methodOf(adapterOf(settingsOfKind(kind as AdapterKind)));
    expect(merges, kind).toBe(method === null || method.merge !== null);
  }
});

test("an adapter takes less memory and a smaller file than full weights, and a larger rank more of both", () => {
  const cost = (settings: Partial<AdapterConfig>) =>
    trainingCost(smol, { kind: "dpo", adapter: adapter(settings) }, batch);
  const [full, small, large] = [cost({}), cost({ method: "lora", rank: 4 }), cost({ method: "lora", rank: 64 })];
  expect(small.memoryBytes).toBeLessThan(large.memoryBytes);
  expect(large.memoryBytes).toBeLessThan(full.memoryBytes);
  expect(large.fileBytes).toBe(16 * small.fileBytes);
  // Weights and both moments, three times.
  expect(full.stateBytes).toBe(36 * smol.parameters);
  expect(stateBytes({ trained: 0, frozen: 10 })).toBe(40);
  // 106 million weights of the projections at half a byte, one in 64 and four in 16,384 instead of at four.
  const packed = 30 * (2 * 576 * 576 + 2 * 192 * 576 + 3 * 1536 * 576);
  const [lora, qlora] = [cost({ method: "lora" }), cost({ method: "lora", baseWeights: "nf4" })];
  expect(lora.stateBytes - qlora.stateBytes).toBeCloseTo(packed * (4 - 0.515869140625), 0);
  expect(cost({ baseWeights: "nf4" })).toEqual(full);
});

test("frozen weights need no gradient of their own: a third of the products less", () => {
  const work = (settings: Partial<AdapterConfig>) => stepWork(smol, { kind: "sft", adapter: adapter(settings) }, batch);
  const ratio = work({ method: "prefix", tokens: 1 }) / work({});
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(0.72);
  expect(work({ method: "lora", decomposed: true })).toBeGreaterThan(work({ method: "lora" }));
});
