"use client";
import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonClass } from "@/app/_ui/buttonClass";
import { Card } from "@/app/_ui/Card";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { ImportDetail } from "./importTypes";

interface Props {
  title: string;
  problems: ImportDetail["problems"];
  /** Of all refused rows; the list may hold only the first. */
  count: number;
  /** A JSON list counts its rows, other files their lines. */
  format: string;
  /** Where all of them are, as a table; null before the import. */
  download: string | null;
}

export function ProblemsCard({ title, problems, count, format, download }: Props) {
  const t = useTranslations("imports.problems");
  return (
    <Card
      flush
      title={title}
      description={t("lead", { count })}
      actions={
        download === null ? undefined : (
          <a href={download} download className={buttonClass("secondary", "sm")}>
            <Download aria-hidden className="size-4" />
            {t("download")}
          </a>
        )
      }
    >
      <div className="max-h-96 overflow-y-auto">
        <Table label={title}>
          <thead>
            <tr>
              <Th className="text-end">{t("line", { format })}</Th>
              <Th>{t("field")}</Th>
              <Th className="w-full">{t("reason")}</Th>
            </tr>
          </thead>
          <tbody>
            {problems.map((problem) => (
              <tr key={`${problem.line} ${problem.field} ${problem.reason}`}>
                <Td className="tabular text-end">{problem.line}</Td>
                <Td className="max-w-40 min-w-32 [overflow-wrap:anywhere]">
                  {problem.field === null ? (
                    <span className="whitespace-nowrap text-muted">{t("wholeRow")}</span>
                  ) : (
                    <code className="font-mono text-[13px]">{problem.field}</code>
                  )}
                </Td>
                <Td className="min-w-48 [overflow-wrap:anywhere]">{problem.reason}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      {problems.length < count ? (
        <p className="border-t border-line px-4 py-2.5 text-[13px] text-muted sm:px-5">
          {t("shown", { shown: problems.length, count })}
        </p>
      ) : null}
    </Card>
  );
}
