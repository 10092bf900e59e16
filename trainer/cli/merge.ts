import { existsSync } from "node:fs";
import { merged, openModel } from "../adapters/openModel";
import { TrainerError } from "../contracts/error";
import { saveModelFolder } from "../io/modelFolder";

export const mergeOptions = {
  model: { type: "string" },
  output: { type: "string" },
  dtype: { type: "string" },
} as const;

export const mergeHelp = `tiebreak-trainer merge: puts an adapter into the weights of its base, as a Hugging Face folder

  --model FOLDER
      an adapter in PEFT's layout; LoRA and its kin, what stands before the text cannot be merged
  --output FOLDER
      where the merged model goes; it must not be there yet
  --dtype f32|f16
      how the weights are stored (default f32)
`;

export function runMerge(values: Readonly<Record<string, unknown>>): void {
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : undefined);
  const [folder, output, dtype] = [text("model"), text("output"), text("dtype") ?? "f32"];
  if (!folder || !output) throw new TrainerError("bad_config", "--model and --output are needed. See --help.");
  if (dtype !== "f32" && dtype !== "f16") throw new TrainerError("bad_config", "--dtype is f32 or f16.");
  if (existsSync(output)) throw new TrainerError("bad_config", `${output} is there already. Give another --output.`);
  const model = openModel(folder);
  if (!model.parts) throw new TrainerError("bad_model", `${folder} is no adapter: there is nothing to merge.`);
  const card = `# Merged model\n\n${folder}, a ${model.parts.adapter.method} adapter, in the full-precision weights of its base.\n`;
  saveModelFolder(output, merged(model), card, dtype === "f32" ? "F32" : "F16");
  process.stdout.write(`${output}: the adapter is in the weights\n`);
}
