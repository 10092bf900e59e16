"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/Button";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Select } from "@/app/_ui/Select";
import type { ImportMapping } from "@/server/domain/imports/mapping";
import { chosenColumn, columnChoice, labelCandidates, type MappingFault, noColumn, toggleLabelColumn } from "./mapping";

interface Props {
  mapping: ImportMapping;
  columns: readonly string[];
  faults: readonly MappingFault[];
  edited: boolean;
  onChange: (mapping: ImportMapping) => void;
  onReset: () => void;
}

const optional = ["system", "externalId", "modelA", "modelB"] as const;
const hints = {
  system: undefined,
  externalId: "externalIdHint",
  modelA: "modelHint",
  modelB: "modelHint",
} as const;

/** Which column of the file is what; every change shows at once in the rows below. */
export function MappingEditor({ mapping, columns, faults, edited, onChange, onReset }: Props) {
  const t = useTranslations("imports.mapping");
  const items = columns.map((column) => ({ value: columnChoice(column), label: column }));
  const itemsOrNone = [{ value: noColumn, label: t("none") }, ...items];
  const set = (change: Partial<ImportMapping>) => onChange({ ...mapping, ...change });
  const answer = (key: "responseA" | "responseB", missing: MappingFault) => (
    <Field
      label={t(key)}
      error={faults.includes(missing) ? t("chooseColumn") : faults.includes("sameColumn") ? t("sameColumn") : undefined}
    >
      <Select
        value={mapping[key] === "" ? null : columnChoice(mapping[key])}
        placeholder={t("chooseColumn")}
        items={items}
        onChange={(choice) => set({ [key]: chosenColumn(choice) ?? "" })}
      />
    </Field>
  );
  return (
    <div className="flex flex-col gap-5">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("prompt")} hint={t("promptHint")}>
          <Select
            value={columnChoice(mapping.prompt)}
            items={itemsOrNone}
            onChange={(choice) => set({ prompt: chosenColumn(choice) })}
          />
        </Field>
        <Field label={t("input")} hint={t("inputHint")}>
          <Select
            value={columnChoice(mapping.input)}
            items={itemsOrNone}
            onChange={(choice) => set({ input: chosenColumn(choice) })}
          />
        </Field>
        {answer("responseA", "noResponseA")}
        {answer("responseB", "noResponseB")}
        <Field label={t("meaning")} hint={t(`${mapping.meaning}Hint`)} className="sm:col-span-2">
          <Select
            value={mapping.meaning}
            items={(["unordered", "a_chosen"] as const).map((value) => ({ value, label: t(value) }))}
            onChange={(meaning) => set({ meaning })}
          />
        </Field>
        {optional.map((key) => {
          const hint = hints[key];
          return (
            <Field key={key} label={t(key)} hint={hint && t(hint)}>
              <Select
                value={columnChoice(mapping[key])}
                items={itemsOrNone}
                onChange={(choice) => set({ [key]: chosenColumn(choice) })}
              />
            </Field>
          );
        })}
      </div>
      <LabelColumns mapping={mapping} columns={columns} faults={faults} onChange={onChange} />
      {edited ? (
        <div>
          <Button size="sm" onClick={onReset}>
            {t("reset")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function LabelColumns({ mapping, columns, faults, onChange }: Omit<Props, "edited" | "onReset">) {
  const t = useTranslations("imports.mapping");
  const { labels = [], labelValues } = mapping;
  const words = labelValues ?? { a: "", b: "", tie: "" };
  const candidates = labelCandidates(mapping, columns);
  if (candidates.length === 0) return null;
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium">{t("labels")}</legend>
      <p className="text-[13px] text-muted">{t("labelsHint")}</p>
      <div className="mt-2 flex flex-wrap gap-x-5">
        {candidates.map((column) => (
          <label key={column} className="flex min-h-8 items-center gap-2 pointer-coarse:min-h-11">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={labels.some((label) => label.column === column)}
              onChange={() => onChange(toggleLabelColumn(mapping, column))}
            />
            <span className="[overflow-wrap:anywhere]">{column}</span>
          </label>
        ))}
      </div>
      {labels.length > 0 ? (
        <div className="mt-3 grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Field label={t("written")}>
            <Select
              value={labelValues ? "words" : "numbers"}
              items={(["numbers", "words"] as const).map((value) => ({ value, label: t(value) }))}
              onChange={(how) => onChange({ ...mapping, labelValues: how === "words" ? words : undefined })}
            />
          </Field>
          {labelValues
            ? (["a", "b", "tie"] as const).map((side) => (
                <Field
                  key={side}
                  label={t(`word.${side}`)}
                  error={faults.includes("noLabelWords") && words[side].trim() === "" ? t("giveWord") : undefined}
                >
                  <Input
                    value={words[side]}
                    onChange={(event) =>
                      onChange({ ...mapping, labelValues: { ...words, [side]: event.currentTarget.value } })
                    }
                  />
                </Field>
              ))
            : null}
        </div>
      ) : null}
      {faults.includes("noLabelWords") ? (
        <p role="alert" className="mt-2 text-[13px] font-medium text-danger">
          {t("wordsDiffer")}
        </p>
      ) : null}
    </fieldset>
  );
}
