import { basename } from "node:path";
import type { CompressionReport } from "../contracts/compression";

const figure = (value: number | null | undefined): string => (value == null ? "" : value.toPrecision(4));
const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;

/** A report as rows of text: what, before distilling, after it, and of the fine-tuned model itself. */
export function compressionRows({ nearness, metrics }: CompressionReport): [string, string, string, string][] {
  const { initial, final } = nearness;
  const names = Object.keys(metrics.tuned);
  const row = (name: string, a: number | null, b: number | null): [string, string, string, string] => [
    name,
    figure(a),
    figure(b),
    "",
  ];
  return [
    row("largest error of an output", initial.max, final.max),
    row("mean error of an output", initial.mean, final.mean),
    ...(final.kl === null ? [] : [row("KL(fine-tuned ‖ delta), nats a token", initial.kl, final.kl)]),
    ...names.map((name): [string, string, string, string] => [
      name,
      figure(metrics.initial[name]),
      figure(metrics.final[name]),
      figure(metrics.tuned[name]),
    ]),
  ];
}

/** One sentence about sizes. */
export const compressionSizes = ({ bytes, matrices }: CompressionReport): string =>
  `${size(bytes.full)} became ${size(bytes.delta)} (${(bytes.full / bytes.delta).toFixed(1)} times less): ` +
  `${size(bytes.signs)} of signs in ${matrices} matrices, ${size(bytes.rest)} of scales and other tensors.`;

/** The card of a delta. */
export function compressionCard(model: string, base: string, report: CompressionReport): string {
  const rows = compressionRows(report).map((cells) => `| ${cells.join(" | ")} |`);
  const { texts, tokens, pairs } = report.heldOut;
  return `# BitDelta of ${basename(model)}

One bit a weight of what fine-tuning changed (Liu et al. 2024), to be used on its base, ${base}. ${compressionSizes(report)}
${report.distilled ? "The scales were distilled." : "The scales are the mean sizes of the changes."}

| held out: ${texts} texts, ${tokens} tokens, ${pairs} pairs | first scales | kept scales | fine-tuned |
|---|---|---|---|
${rows.join("\n")}
`;
}
