"use client";
import { useTranslations } from "next-intl";
import { Inline } from "./Inline";
import { fieldsOf, namesIn, type OpenApi, type Schema, typeText } from "./openApi";

interface Props {
  schema: Schema;
  schemas: OpenApi["components"]["schemas"];
  /** Schemas that this one lies in: they are not drawn again. */
  inside?: readonly string[];
}

/** A schema's fields with their kinds, what they hold to unfold. */
export function SchemaView({ schema, schemas, inside = [] }: Props) {
  const t = useTranslations("api");
  const variants = fieldsOf(schema, schemas);
  const here = [...inside, ...namesIn(schema)];
  return variants.map(({ fields }, variant) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: variants never move
    <ul key={variant} className="divide-y divide-line rounded-md border border-line [&+ul]:mt-2">
      {fields.map(([name, field, required]) => {
        const again = namesIn(field).some((one) => here.includes(one));
        const inner = again ? [] : fieldsOf(field, schemas);
        const facts = (
          <>
            <code className="font-medium">{name}</code>{" "}
            <span className="text-[13px] break-words text-muted">
              {typeText(field)}
              {required ? null : ` · ${t("optional")}`}
              {field.default === undefined ? null : ` · ${t("default", { value: JSON.stringify(field.default) })}`}
            </span>
            {field.description ? (
              <span className="block text-[13px]">
                <Inline>{field.description}</Inline>
              </span>
            ) : null}
          </>
        );
        return (
          <li key={name} className="min-w-0 px-3 py-2">
            {inner.length > 0 ? (
              <details>
                <summary className="min-h-6 pointer-coarse:min-h-11">{facts}</summary>
                <div className="mt-2">
                  <SchemaView schema={field} schemas={schemas} inside={here} />
                </div>
              </details>
            ) : (
              facts
            )}
          </li>
        );
      })}
    </ul>
  ));
}
