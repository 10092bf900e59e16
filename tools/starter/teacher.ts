import { join } from "node:path";
import type { Random } from "@/trainer/data/random";
import { readLlama2c } from "@/trainer/io/llama2c";
import type { Parameters } from "@/trainer/io/safetensors";
import type { ModelConfig } from "@/trainer/models/config";
import type { Provider } from "@/trainer/runtime/program";
import { Llama2cTokenizer } from "./llama2c";
import { RowSampler } from "./rowSampler";

/** A model in llama2.c's files that stories are drawn from. */
export class Teacher {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  readonly tokenizer: Llama2cTokenizer;
  private readonly sampler: RowSampler;

  /** `folder` holds stories260K.bin and tok512.bin. */
  constructor(folder: string, provider: Provider) {
    const { config, parameters } = readLlama2c(join(folder, "stories260K.bin"));
    this.config = config;
    this.parameters = parameters;
    this.tokenizer = new Llama2cTokenizer(join(folder, "tok512.bin"));
    this.sampler = new RowSampler(config, parameters, provider);
  }

  /** A whole story as the model was trained to read it: between two begin-of-text tokens. */
  encode(story: string): number[] {
    const { bos } = this.tokenizer;
    return [bos, ...this.tokenizer.encode(story), bos];
  }

  /**
   * One story for each beginning (which may be empty) at temperature 1, or null where the model's context ended before
   * the story did.
   */
  async stories(beginnings: readonly string[], random: Random): Promise<(string | null)[]> {
    const { tokenizer } = this;
    const prompts = beginnings.map((text) => [tokenizer.bos, ...(text === "" ? [] : tokenizer.encode(text))]);
    const rows = await this.sampler.sample(prompts, { temperature: 1, stopIds: [tokenizer.bos, 2] }, random);
    return rows.map(({ ids, ended }, b) =>
      ended ? tokenizer.decode([...(prompts[b] as number[]).slice(1), ...ids]).trim() : null,
    );
  }

  dispose(): Promise<void> {
    return this.sampler.dispose();
  }
}
