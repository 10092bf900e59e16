import { existsSync } from "node:fs";
import { basename, extname } from "node:path";
import { TrainerError } from "../contracts/error";
import { readGguf } from "../io/gguf/model";
import { loadLlama2c } from "../io/llama2c";
import { loadModelFolder, type ModelFolder, parameterCount, saveModelFolder } from "../io/modelFolder";

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

function load(from: string, tokenizer: string | undefined): ModelFolder {
  const extension = extname(from).toLowerCase();
  if (extension === ".gguf") return readGguf(from);
  if (extension !== ".bin") return loadModelFolder(from);
  if (tokenizer) return loadLlama2c(from, tokenizer);
  throw new TrainerError("bad_config", "A .bin of llama2.c needs its tokenizer file: --tokenizer FILE.");
}

export function runConvert(values: Readonly<Record<string, unknown>>): void {
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : undefined);
  const [from, output, dtype] = [text("from"), text("output"), text("dtype") ?? "f32"];
  if (!from || !output) throw new TrainerError("bad_config", "--from and --output are needed. See --help.");
  if (dtype !== "f32" && dtype !== "f16") throw new TrainerError("bad_config", "--dtype is f32 or f16.");
  if (existsSync(output)) throw new TrainerError("bad_config", `${output} is there already. Give another --output.`);
  const model = load(from, text("tokenizer"));
  const count = (parameterCount(model.parameters) / 1e6).toFixed(1);
  const card = `# ${basename(from)}\n\nConverted from ${basename(from)}: ${model.config.family}, ${count} million parameters.\n`;
  saveModelFolder(output, model, card, dtype === "f32" ? "F32" : "F16");
  process.stdout.write(`${output}: ${model.config.family}, ${count} million parameters\n`);
}
