import { existsSync } from "node:fs";
import { TrainerError } from "../contracts/error";

/** What a command that writes a model's folder was told: the option `source` names what it reads. */
export function writtenModel(values: Readonly<Record<string, unknown>>, source: string) {
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : undefined);
  const [from, output, dtype] = [text(source), text("output"), text("dtype") ?? "f32"];
  if (!from || !output) throw new TrainerError("bad_config", `--${source} and --output are needed. See --help.`);
  if (dtype !== "f32" && dtype !== "f16") throw new TrainerError("bad_config", "--dtype is f32 or f16.");
  if (existsSync(output)) throw new TrainerError("bad_config", `${output} is there already. Give another --output.`);
  return { from, output, dtype: dtype === "f32" ? ("F32" as const) : ("F16" as const) };
}
