"use client";
import { useTranslations } from "next-intl";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { CompressionReport } from "@/trainer/contracts/compression";
import { useFigures } from "../runs/useFigures";

/** The figures of evaluations that a person compares, by their names there. */
const judged = [
  "eval_token_loss",
  "eval_loss",
  "eval_accuracy",
  "eval_margin",
  "eval_rewards/accuracies",
  "eval_rewards/margins",
] as const;

/** What compressing came to: size, nearness and held-out figures, with the first scales and with those that were kept. */
export function CompressionFigures({ report }: { report: CompressionReport }) {
  const t = useTranslations("models.compress");
  const { bytes, figure } = useFigures();
  const { nearness, metrics, heldOut } = report;
  const { initial, final } = nearness;
  const rows = [
    { key: "max", values: [initial.max, final.max, null] },
    { key: "mean", values: [initial.mean, final.mean, null] },
    ...(final.kl === null ? [] : [{ key: "kl", values: [initial.kl, final.kl, null] }]),
    ...judged
      .filter((name) => name in metrics.tuned)
      .map((name) => ({ key: name, values: [metrics.initial[name], metrics.final[name], metrics.tuned[name]] })),
  ];
  return (
    <div className="grid gap-2">
      <p className="tabular">
        {t("size", {
          full: bytes(report.bytes.full),
          delta: bytes(report.bytes.delta),
          times: report.bytes.full / report.bytes.delta,
          signs: bytes(report.bytes.signs),
          matrices: report.matrices,
          rest: bytes(report.bytes.rest),
        })}
      </p>
      <Table label={t("tableLabel")}>
        <thead>
          <tr>
            <Th className="text-left">{t("heldOut", { ...heldOut })}</Th>
            {(["initial", "final", "tuned"] as const).map((column) => (
              <Th key={column} className="text-right">
                {t(`column.${column}`)}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, values }) => (
            <tr key={key}>
              <Td>{t(`figure.${key.replaceAll("/", "_")}`)}</Td>
              {values.map((value, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: three columns that never move
                <Td key={i} className="tabular text-right whitespace-nowrap">
                  {value == null ? "" : figure(value)}
                </Td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="text-[13px] text-muted">{t(report.distilled ? "distilled" : "notDistilled")}</p>
    </div>
  );
}
