import { useFormatter, useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { DoctorReport } from "@/trainer/contracts/doctor";

/** The command that brings an engine, where one does. */
const commands: Partial<Record<DoctorReport["providers"][number]["name"], string>> = {
  "onnx-cuda": "npm rebuild onnxruntime-node --ignore-scripts=false",
  "tfjs-node-gpu": "npm run setup:tfjs-node -- --gpu",
  "tfjs-node": "npm run setup:tfjs-node",
};

/** Every engine: those that are here with their speed, the others with what they need. */
export function EngineTable({ report: { providers, chosen } }: { report: DoctorReport }) {
  const t = useTranslations("machine");
  const format = useFormatter();
  const best = Math.max(...providers.map((p) => p.tokensPerSecond ?? 0));
  return (
    <Table label={t("table")}>
      <thead>
        <tr className="text-start">
          <Th className="text-start">{t("engine")}</Th>
          <Th className="text-start">{t("state")}</Th>
          <Th className="text-end">{t("speed")}</Th>
          <Th className="text-end">{t("share")}</Th>
        </tr>
      </thead>
      <tbody>
        {providers.map(({ name, available, missing, tokensPerSecond: rate }) => (
          <tr key={name}>
            <Td>
              <p className={available ? "font-medium" : "text-muted"}>{t(`names.${name}`)}</p>
              {available ? null : (
                <div className="mt-1 max-w-[64ch] min-w-36 text-[13px] sm:min-w-64 text-muted">
                  <p>{t(`remedies.${name}`)}</p>
                  {commands[name] ? <code className="font-mono text-ink">{commands[name]}</code> : null}
                  {missing ? <p className="break-words">{t("detail", { text: missing })}</p> : null}
                </div>
              )}
            </Td>
            <Td>
              {name === chosen.name ? (
                <Badge tone="good">{t("used")}</Badge>
              ) : (
                <Badge>{available ? t("available") : t("missing")}</Badge>
              )}
            </Td>
            <Td className="tabular text-end">
              {rate === null ? "–" : format.number(rate, { maximumFractionDigits: 0 })}
            </Td>
            <Td className="tabular text-end">
              {rate === null ? "–" : format.number(rate / best, { style: "percent", maximumFractionDigits: 0 })}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
