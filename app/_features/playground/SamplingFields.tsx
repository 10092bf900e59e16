"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { useFigures } from "../runs/useFigures";
import { isWhole, parseSampling, type SamplingText, samplingBounds, samplingFields } from "./samplingForm";

interface Props {
  text: SamplingText;
  onChange: (text: SamplingText) => void;
}

export function SamplingFields({ text, onChange }: Props) {
  const t = useTranslations("playground");
  const { setting } = useFigures();
  const parsed = parseSampling(text);
  const wrong = "wrong" in parsed ? parsed.wrong : [];
  return (
    <details className="rounded-md border border-line">
      <summary className="flex min-h-11 items-center px-4 font-medium">{t("sampling")}</summary>
      <div className="grid gap-4 border-t border-line p-4 sm:grid-cols-2 lg:grid-cols-4">
        {samplingFields.map((field) => {
          const [min, max] = samplingBounds[field];
          const bounds = { integer: String(isWhole(field)), min: setting(min), max: setting(max) };
          return (
            <Field
              key={field}
              label={t(field)}
              hint={t(`${field}Help`)}
              error={wrong.includes(field) ? t("outOfBounds", bounds) : undefined}
            >
              <Input
                inputMode="decimal"
                autoComplete="off"
                value={text[field]}
                onChange={(event) => onChange({ ...text, [field]: event.target.value })}
              />
            </Field>
          );
        })}
      </div>
    </details>
  );
}
