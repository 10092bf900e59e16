"use client";
import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { Table, Td, Th } from "@/app/_ui/Table";
import { type ImportProblem, problemsCsv } from "./problemsCsv";

interface Props {
  title: string;
  problems: readonly ImportProblem[];
  /** Of all refused rows; the list may hold only the first. */
  count: number;
  /** A JSON list counts its rows, other files their lines. */
  format: string;
}

/** Hands a text to the browser as a file; it never leaves this machine. */
function saveAs(fileName: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function ProblemsCard({ title, problems, count, format }: Props) {
  const t = useTranslations("imports.problems");
  const save = () =>
    saveAs(
      t("fileName"),
      problemsCsv([t("line", { format }), t("field"), t("reason")], problems),
      "text/csv;charset=utf-8",
    );
  return (
    <Card
      flush
      title={title}
      description={t("lead", { count })}
      actions={
        <Button size="sm" icon={<Download aria-hidden className="size-4" />} onClick={save}>
          {t("download")}
        </Button>
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
