"use client";
import { Plus, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/Button";
import { Field } from "@/app/_ui/Field";
import { IconButton } from "@/app/_ui/IconButton";
import { Select } from "@/app/_ui/Select";

/** As many answers fit side by side, and the worker keeps as many models at hand. */
const mostModels = 4;

interface Props {
  policies: readonly { readonly id: string; readonly name: string }[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

/** Which models answer, each once, in the order of their columns. */
export function ModelColumns({ policies, chosen, onChange }: Props) {
  const t = useTranslations("playground");
  const free = policies.filter(({ id }) => !chosen.includes(id));
  return (
    <>
      {chosen.map((id, i) => {
        const label = t("model", { number: i + 1 });
        return (
          <div key={id} className="flex min-w-0 items-end gap-1 self-start">
            <Field label={label} className="min-w-0 flex-1">
              <Select
                value={id}
                onChange={(next) => onChange(chosen.with(i, next))}
                items={policies
                  .filter((p) => p.id === id || !chosen.includes(p.id))
                  .map((p) => ({ value: p.id, label: p.name }))}
              />
            </Field>
            {chosen.length > 1 ? (
              <IconButton
                label={t("removeModel", { number: i + 1 })}
                icon={<X aria-hidden className="size-4" />}
                onClick={() => onChange(chosen.toSpliced(i, 1))}
              />
            ) : null}
          </div>
        );
      })}
      {free[0] && chosen.length < mostModels ? (
        <div className="self-start sm:pt-[26px]">
          <Button
            icon={<Plus aria-hidden className="size-4" />}
            onClick={() => onChange([...chosen, free[0]?.id ?? ""])}
          >
            {t("addModel")}
          </Button>
        </div>
      ) : null}
    </>
  );
}
