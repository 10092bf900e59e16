"use client";
import { useTranslations } from "next-intl";
import { GuidelinesText } from "@/app/_features/guidelines/GuidelinesText";
import { Dialog } from "@/app/_ui/Dialog";
import { Kbd } from "@/app/_ui/Kbd";
import type { Disclosure } from "@/server/domain/demo/disclosure";
import type { JudgingRules } from "@/server/domain/judging";
import type { Guidelines } from "@/server/domain/reference";
import { HistoryList } from "./HistoryList";
import { keyName } from "./VerdictButtons";
import { type VerdictRules, verdictChoices, verdictWord } from "./verdicts";

export type Panel = "guidelines" | "help" | "history";

interface Props {
  panel: Panel | null;
  projectId: string;
  guidelines: Guidelines | null;
  disclosure: Disclosure | null;
  rules: JudgingRules;
  waiting: number;
  onClose: () => void;
}

export function CompareDialogs({ panel, projectId, guidelines, disclosure, rules, waiting, onClose }: Props) {
  const t = useTranslations("annotate");
  const demo = useTranslations("demo.disclosure");
  const shut = (open: boolean) => {
    if (!open) onClose();
  };
  return (
    <>
      <Dialog open={panel === "guidelines"} onOpenChange={shut} place="side" title={t("guidelines.title")}>
        <GuidelinesText guidelines={guidelines} />
        {disclosure ? (
          <p className="mt-6 border-t border-line pt-3 text-[13px] text-muted">{demo(disclosure)}</p>
        ) : null}
      </Dialog>
      <Dialog open={panel === "history"} onOpenChange={shut} place="side" title={t("history.title")}>
        <HistoryList projectId={projectId} rules={rules} waiting={waiting} />
      </Dialog>
      <Dialog open={panel === "help"} onOpenChange={shut} title={t("help.title")}>
        <HelpText rules={rules} />
      </Dialog>
    </>
  );
}

function HelpText({ rules }: { rules: VerdictRules }) {
  const t = useTranslations("annotate");
  const rows: [string, readonly string[]][] = verdictChoices(rules.verdictSteps).map(({ verdict, keys }) => [
    t(`words.${verdictWord(verdict)}`),
    keys,
  ]);
  if (rules.allowBothBad) rows.push([t("words.bothBad"), ["b"]]);
  const others = [
    "undo",
    "skip",
    "report",
    "reason",
    "diff",
    "prompt",
    "link",
    "stock",
    "guidelines",
    "history",
    "help",
    "scroll",
  ] as const;
  const keysOf = {
    undo: ["u"],
    skip: ["s"],
    report: ["f"],
    reason: ["r"],
    diff: ["d"],
    prompt: ["p"],
    link: ["l"],
    stock: ["o"],
    guidelines: ["g"],
    history: ["h"],
    help: ["?"],
    scroll: ["↑", "↓"],
  };
  for (const name of others) rows.push([t(`help.keys.${name}`), keysOf[name]]);
  return (
    <div className="flex flex-col gap-4">
      <ul className="flex list-disc flex-col gap-2 pl-5">
        <li>{t("help.seen")}</li>
        <li>{t("help.sides")}</li>
        <li>{t("help.kept")}</li>
        <li>{t("help.undo")}</li>
        <li>{t("help.change")}</li>
        <li>{t("help.skip")}</li>
      </ul>
      <table className="w-full text-[13px]">
        <caption className="pb-1 text-start font-medium">{t("help.keysTitle")}</caption>
        <tbody>
          {rows.map(([label, keys]) => (
            <tr key={label} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-3 text-start font-normal">
                {label}
              </th>
              <td className="py-1.5 text-end">
                <span className="inline-flex gap-1">
                  {keys.map((key) => (
                    <Kbd key={key}>{keyName(key)}</Kbd>
                  ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
