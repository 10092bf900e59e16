import { merged, openModel } from "../adapters/openModel";
import { TrainerError } from "../contracts/error";
import { saveModelFolder } from "../io/modelFolder";
import { writtenModel } from "./written";

export const mergeOptions = {
  model: { type: "string" },
  output: { type: "string" },
  dtype: { type: "string" },
} as const;

export const mergeHelp = `tiebreak-trainer merge: puts an adapter or a delta into the weights of its base, as a Hugging Face folder

  --model FOLDER
      an adapter in PEFT's layout (LoRA and its kin; what stands before the text cannot be merged) or a BitDelta
  --output FOLDER
      where the merged model goes; it must not be there yet
  --dtype f32|f16
      how the weights are stored (default f32)
`;

export function runMerge(values: Readonly<Record<string, unknown>>): void {
  const { from, output, dtype } = writtenModel(values, "model");
  const model = openModel(from);
  if (!model.parts)
    throw new TrainerError("bad_model", `${from} is no adapter and no delta: there is nothing to merge.`);
  const card = `# Merged model\n\n${from}, a ${model.parts.adapter.method === "bitdelta" ? "BitDelta" : `${model.parts.adapter.method} adapter`}, in the full-precision weights of its base.\n`;
  saveModelFolder(output, merged(model), card, dtype);
  process.stdout.write(`${output}: it is in the weights\n`);
}
