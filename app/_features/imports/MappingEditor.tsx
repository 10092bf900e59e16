"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/Button";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Select } from "@/app/_ui/Select";
import { type ImportMapping, type Pairing, pairingRules } from "@/server/domain/imports/mapping";
import { defaultPairing } from "@/server/domain/imports/pairing";
import {
  type ChoosableLayout,
  choosableLayouts,
  chosenColumn,
  columnChoice,
  labelCandidates,
  type MappingFault,
  noColumn,
  toggleLabelColumn,
  withLayout,
} from "./mapping";

interface Props {
  mapping: ImportMapping;
  columns: readonly string[];
  faults: readonly MappingFault[];
  edited: boolean;
  onChange: (mapping: ImportMapping) => void;
  onReset: () => void;
}

const besides = ["system", "history", "externalId", "who", "time", "reason"] as const;
const pairOnly = ["modelA", "modelB", "strength", "criteria"] as const;
type Optional = (typeof besides)[number] | (typeof pairOnly)[number];
const hints: Partial<Record<Optional, "externalIdHint" | "modelHint" | "strengthHint" | "whoHint" | "criteriaHint">> = {
  externalId: "externalIdHint",
  modelA: "modelHint",
  modelB: "modelHint",
  strength: "strengthHint",
  who: "whoHint",
  criteria: "criteriaHint",
};

/** Which column of the file is what; every change shows at once in the rows below. */
export function MappingEditor({ mapping, columns, faults, edited, onChange, onReset }: Props) {
  const t = useTranslations("imports.mapping");
  const items = columns.map((column) => ({ value: columnChoice(column), label: column }));
  const itemsOrNone = [{ value: noColumn, label: t("none") }, ...items];
  const { layout = "flat" } = mapping;
  const set = (change: Partial<ImportMapping>) => onChange({ ...mapping, ...change });
  const answer = (key: "responseA" | "responseB", missing: MappingFault, label: string = t(key)) => (
    <Field
      label={label}
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
  const column = (key: Optional | "input" | "desirable" | "score", label: string, hint?: string, error?: string) => (
    <Field key={key} label={label} hint={hint} error={error}>
      <Select
        value={columnChoice(mapping[key])}
        items={itemsOrNone}
        onChange={(choice) => set({ [key]: chosenColumn(choice) })}
      />
    </Field>
  );
  const optional = (key: Optional) => {
    const hint = hints[key];
    return column(key, t(key), hint && t(hint));
  };
  const layouts = choosableLayouts.some((one) => one === layout) ? choosableLayouts : [layout, ...choosableLayouts];
  const paired = layout !== "unpaired" && layout !== "scored_rows" && layout !== "responses";
  return (
    <div className="flex flex-col gap-5">
      <Field label={t("layout")} hint={t("layoutHint")}>
        <Select
          value={layout}
          items={layouts.map((value) => ({ value, label: t(`layouts.${layoutName(value)}`) }))}
          onChange={(value) =>
            choosableLayouts.some((one) => one === value) && onChange(withLayout(mapping, value as ChoosableLayout))
          }
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("prompt")} hint={t(layout === "unpaired" ? "promptHintSingle" : "promptHint")}>
          <Select
            value={columnChoice(mapping.prompt)}
            items={itemsOrNone}
            onChange={(choice) => set({ prompt: chosenColumn(choice) })}
          />
        </Field>
        {column("input", t("input"), t("inputHint"))}
        {paired ? (
          <>
            {answer("responseA", "noResponseA")}
            {answer("responseB", "noResponseB")}
            <Field label={t("meaning")} hint={t(`${mapping.meaning}Hint`)} className="sm:col-span-2">
              <Select
                value={mapping.meaning}
                items={(["unordered", "a_chosen"] as const).map((value) => ({ value, label: t(value) }))}
                onChange={(meaning) => set({ meaning })}
              />
            </Field>
          </>
        ) : null}
        {layout === "unpaired" ? (
          <>
            {answer("responseA", "noResponseA", t("response"))}
            {column(
              "desirable",
              t("desirable"),
              t("desirableHint"),
              faults.includes("noDesirable") ? t("chooseColumn") : undefined,
            )}
          </>
        ) : null}
        {layout === "scored_rows" ? (
          <>
            {answer("responseA", "noResponseA", t("response"))}
            {column("score", t("score"), t("scoreHint"))}
          </>
        ) : null}
        {layout === "responses" ? (
          <>
            <Field label={t("list")} hint={t("listHint")}>
              <Select
                value={columnChoice(mapping.list)}
                items={[{ value: noColumn, label: t("recognised") }, ...items]}
                onChange={(choice) => set({ list: chosenColumn(choice) })}
              />
            </Field>
            <Field label={t("score")} hint={t("scoreNameHint")}>
              <Input
                value={mapping.score ?? ""}
                onChange={(event) => set({ score: event.currentTarget.value.trim() || null })}
              />
            </Field>
          </>
        ) : null}
        {layout === "responses" || layout === "scored_rows" ? (
          <PairingFields pairing={mapping.pairing ?? defaultPairing} onChange={(pairing) => set({ pairing })} />
        ) : null}
        {besides.map(optional)}
        {paired ? pairOnly.map(optional) : column("modelA", t("model"), t("modelHint"))}
      </div>
      {paired ? <LabelColumns mapping={mapping} columns={columns} faults={faults} onChange={onChange} /> : null}
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

const layoutName = (layout: NonNullable<ImportMapping["layout"]>) =>
  choosableLayouts.find((one) => one === layout) ?? ("recognised" as const);

/** How n responses become pairs. */
function PairingFields({ pairing, onChange }: { pairing: Pairing; onChange: (pairing: Pairing) => void }) {
  const t = useTranslations("imports.mapping");
  return (
    <>
      <Field label={t("pairing")} hint={t(`pairingHints.${pairing.rule}`)}>
        <Select
          value={pairing.rule}
          items={pairingRules.map((value) => ({ value, label: t(`pairings.${value}`) }))}
          onChange={(rule) => onChange({ ...pairing, rule })}
        />
      </Field>
      <Field label={t("gapStrength")} hint={t(`gapStrengthHints.${pairing.strength}`)}>
        <Select
          value={pairing.strength}
          items={(["sign", "gap"] as const).map((value) => ({ value, label: t(`gapStrengths.${value}`) }))}
          onChange={(strength) => onChange({ ...pairing, strength })}
        />
      </Field>
      <Field label={t("minGap")} hint={t("minGapHint")}>
        <Input
          type="number"
          min={0}
          step="any"
          value={String(pairing.minGap)}
          onChange={(event) => onChange({ ...pairing, minGap: Math.max(0, Number(event.currentTarget.value) || 0) })}
        />
      </Field>
    </>
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
