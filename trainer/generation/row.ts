import {
  type GenerateChunk,
  type GenerateEnd,
  type GenerateRequest,
  type Sampling,
  samplingSchema,
} from "../contracts/inference";
import { encodePrompt, type TextCodec } from "../data/text";
import type { ModelConfig } from "../models/config";
import type { NextToken, Prediction } from "./decoder";
import { logProbOf, sampleToken, uniformAt } from "./sampling";
import { TextStream } from "./textStream";

/** One answer in the making. What it becomes depends on its request alone, not on the rows beside it. */
export class Row {
  readonly prompt: readonly number[];
  readonly sampling: Sampling;
  /** The whole answer has been said. */
  finished = false;
  private readonly ids: number[] = [];
  private readonly logProbs: number[] | null;
  private readonly seen: Set<number>;
  private readonly ends: ReadonlySet<number>;
  private readonly stream: TextStream;
  private readonly most: number;

  /** `index` is the request's place in the list. */
  constructor(
    readonly index: number,
    codec: TextCodec,
    config: ModelConfig,
    request: GenerateRequest,
  ) {
    this.sampling = samplingSchema.parse(request.sampling);
    const ids = encodePrompt(codec, request.prompt).slice(-(config.maxPositions - 1));
    this.prompt = ids.length > 0 ? ids : [config.bosId ?? 0];
    this.most = Math.min(this.sampling.maxTokens, config.maxPositions - this.prompt.length);
    const end = codec.tokenizer.idOf(codec.eosToken);
    this.ends = new Set([...this.sampling.stopIds, ...config.endIds, ...(end === undefined ? [] : [end])]);
    this.seen = new Set(this.prompt);
    this.stream = new TextStream(codec.tokenizer, this.sampling.stop);
    this.logProbs = request.logProbs ? [] : null;
  }

  get inverseTemperature(): number {
    const { temperature } = this.sampling;
    return temperature === 0 ? 1 : 1 / temperature;
  }

  /** What to read next, after the prompt and a first token. */
  get next(): NextToken {
    const { ids, prompt, inverseTemperature } = this;
    return { id: ids.at(-1) as number, place: prompt.length + ids.length - 1, inverseTemperature };
  }

  /** Draws the next token and says what it adds. May write into `prediction`. */
  take(prediction: Prediction): GenerateChunk[] {
    const logits = this.logProbs && prediction.logits.slice();
    const id = sampleToken(prediction, this.sampling, this.seen, uniformAt(this.sampling.seed, this.ids.length));
    this.ids.push(id);
    this.seen.add(id);
    if (logits) this.logProbs?.push(logProbOf(logits, id));
    if (this.ends.has(id)) return this.finish("stop", this.ids.length - 1);
    const text = this.stream.push(id);
    const said: GenerateChunk[] = [{ type: "text", text }];
    if (this.stream.stopped) return [...said, ...this.finish("stop", this.ids.length)];
    return this.ids.length < this.most ? said : [...said, ...this.finish("length", this.ids.length)];
  }

  private finish(reason: GenerateEnd["reason"], tokens: number): GenerateChunk[] {
    this.finished = true;
    const { ids, logProbs } = this;
    return [
      { type: "text", text: this.stream.end() },
      { type: "end", reason, tokens, ids, ...(logProbs && { logProbs }) },
    ];
  }
}
