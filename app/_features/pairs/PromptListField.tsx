"use client";
import { FileUp } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { Button } from "@/app/_ui/Button";
import { Field } from "@/app/_ui/Field";
import { Textarea } from "@/app/_ui/Textarea";
import { mostPrompts } from "@/server/domain/pairLimits";
import { mostCharacters, type PromptList } from "./promptList";

/** So many bad lines are named; the rest are counted. */
const namedProblems = 5;

interface Props {
  text: string;
  list: PromptList;
  onChange: (text: string) => void;
  /** Say what is wrong with an empty list too: somebody tried to send it. */
  tried: boolean;
}

/** Prompts pasted or read from a file, with what was made of them. */
export function PromptListField({ text, list, onChange, tried }: Props) {
  const t = useTranslations("pairs");
  const input = useRef<HTMLInputElement>(null);
  const { objection, problems, prompts, jsonLines } = list;
  const wrong = objection !== null && (objection !== "empty" || tried || problems.length > 0);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <Field
        label={t("prompts")}
        hint={t("promptsHelp")}
        error={wrong ? t(`objection.${objection}`, { most: mostPrompts, megabytes: mostCharacters / 1e6 }) : undefined}
      >
        <Textarea
          rows={8}
          value={text}
          placeholder={t("promptsPlaceholder")}
          onChange={(event) => onChange(event.target.value)}
        />
      </Field>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button size="sm" icon={<FileUp aria-hidden className="size-4" />} onClick={() => input.current?.click()}>
          {t("chooseFile")}
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          accept=".txt,.jsonl,.ndjson,text/plain"
          onChange={async (event) => {
            const { currentTarget } = event;
            const [file] = currentTarget.files ?? [];
            if (file) onChange(await file.text());
            // Choosing the same file again, mended, must count as a change.
            currentTarget.value = "";
          }}
        />
        <p role="status" className="text-muted">
          {prompts.length > 0 ? t(jsonLines ? "readJsonLines" : "readLines", { count: prompts.length }) : null}
        </p>
      </div>
      {problems.length > 0 ? (
        <div className="rounded-md border border-warn/40 bg-warn-soft p-3">
          <p className="font-medium">{t("passedOver", { count: problems.length })}</p>
          <ul className="mt-1 list-disc pl-5">
            {problems.slice(0, namedProblems).map(({ line, problem }) => (
              <li key={line}>{t(`problem.${problem}`, { line })}</li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}
