import { existsSync } from "node:fs";
import { TrainerError } from "../contracts/error";

/** What a command that writes a model's folder was told: the option `source` names what it reads; some can write 4 bits. */
export function writtenModel(values: Readonly<Record<string, unknown>>, source: string, canPack = false) {
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : undefined);
  const [from, output, dtype] = [text(source), text("output"), text("dtype") ?? "f32"];
  if (!from || !output) throw new TrainerError("bad_config", `--${source} and --output are needed. See --help.`);
  const packed = canPack && dtype === "nf4";
  if (dtype !== "f32" && dtype !== "f16" && !packed)
    throw new TrainerError("bad_config", `--dtype is ${canPack ? "f32, f16 or nf4" : "f32 or f16"}.`);
  if (existsSync(output)) throw new TrainerError("bad_config", `${output} is there already. Give another --output.`);
  return { from, output, packed, dtype: dtype === "f16" ? ("F16" as const) : ("F32" as const) };
}
