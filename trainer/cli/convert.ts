import { loadAnyModel, saveForeign } from "../io/anyModel";
import { inFourBits, inFullPrecision } from "../io/nf4/model";
import { writtenModel } from "./written";

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
  --dtype f32|f16|nf4
      how the weights are stored; nf4: those of the projections in 4 bits as bitsandbytes has them (default f32)
`;

export function runConvert(values: Readonly<Record<string, unknown>>): void {
  const { from, output, dtype, packed } = writtenModel(values, "from", true);
  const { tokenizer } = values;
  const found = loadAnyModel(from, typeof tokenizer === "string" ? tokenizer : undefined, packed ? "nf4" : "full");
  const model = packed ? inFourBits(found) : inFullPrecision(found);
  process.stdout.write(`${output}: ${saveForeign(output, from, model, dtype)}\n`);
}
