import { merged, openModel } from "../adapters/openModel";
import { TrainerError } from "../contracts/error";
import { saveModelFolder } from "../io/modelFolder";
import { isNf4Model } from "../io/nf4/model";
import { writtenModel } from "./written";

export const mergeOptions = {
  model: { type: "string" },
  output: { type: "string" },
  dtype: { type: "string" },
  into: { type: "string" },
} as const;

export const mergeHelp = `tiebreak-trainer merge: puts an adapter or a delta into the weights of its base, as a Hugging Face folder

  --model FOLDER
      an adapter in PEFT's layout (LoRA and its kin; what stands before the text cannot be merged) or a BitDelta
  --output FOLDER
      where the merged model goes; it must not be there yet
  --dtype f32|f16
      how the weights are stored (default f32)
  --into dequantised|full
      of an adapter that was trained beside weights in 4 bits: into what these stand for, which computes what was trained,
      or into the base's weights at full precision, which computes something else (default dequantised)
`;

export function runMerge(values: Readonly<Record<string, unknown>>): void {
  const { from, output, dtype } = writtenModel(values, "model");
  const { into = "dequantised" } = values;
  if (into !== "dequantised" && into !== "full")
    throw new TrainerError("bad_config", "--into is dequantised or full.", { field: "into" });
  const model = openModel(from, into === "full" ? "full" : undefined);
  if (!model.parts)
    throw new TrainerError("bad_model", `${from} is no adapter and no delta: there is nothing to merge.`);
  const { method } = model.parts.adapter;
  const what = method === "bitdelta" ? "BitDelta" : `${method} adapter`;
  const weights = `the ${isNf4Model(model.parts.base) ? "dequantised" : "full-precision"} weights of its base`;
  saveModelFolder(output, merged(model), `# Merged model\n\n${from}, a ${what}, in ${weights}.\n`, dtype);
  process.stdout.write(`${output}: it is in ${weights}\n`);
}
