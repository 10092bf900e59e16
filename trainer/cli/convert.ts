import { existsSync } from "node:fs";
import { TrainerError } from "../contracts/error";
import { loadAnyModel, saveForeign } from "../io/anyModel";

export const convertOptions = {
  from: { type: "string" },
  output: { type: "string" },
  tokenizer: { type: "string" },
  dtype: { type: "string" },
} as const;

export const convertHelp = `tiebreak-trainer convert: makes a Hugging Face folder of a model in another format

  --from PATH
      a .gguf file, a .bin file of llama2.c, or a Hugging Face folder
  --output FOLDER
      where the folder goes; it must not be there yet
  --tokenizer FILE
      llama2.c's tokenizer file; needed with a .bin
  --dtype f32|f16
      how the weights are stored (default f32)
`;

export function runConvert(values: Readonly<Record<string, unknown>>): void {
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : undefined);
  const [from, output, dtype] = [text("from"), text("output"), text("dtype") ?? "f32"];
  if (!from || !output) throw new TrainerError("bad_config", "--from and --output are needed. See --help.");
  if (dtype !== "f32" && dtype !== "f16") throw new TrainerError("bad_config", "--dtype is f32 or f16.");
  if (existsSync(output)) throw new TrainerError("bad_config", `${output} is there already. Give another --output.`);
  const model = loadAnyModel(from, text("tokenizer"));
  const what = saveForeign(output, from, model, dtype === "f32" ? "F32" : "F16");
  process.stdout.write(`${output}: ${what}\n`);
}
