"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_ui/Badge";
import { Tabs } from "@/app/_ui/Tabs";
import { CodeBlock } from "./CodeBlock";
import { curlExample, pythonExample } from "./examples";
import { Inline } from "./Inline";
import { type Call, type OpenApi, typeText } from "./openApi";
import { SchemaView } from "./SchemaView";
import { useCallWords } from "./useCallWords";

interface Props {
  call: Call;
  schemas: OpenApi["components"]["schemas"];
  origin: string;
  base: string;
}

/** One call: what it does, what it takes and gives, and how to make it. */
export function CallView({ call, schemas, origin, base }: Props) {
  const t = useTranslations("api");
  const words = useCallWords(call);
  const scope = call.security?.[0]?.token[0];
  return (
    <details className="group" id={call.operationId}>
      <summary className="flex min-h-11 flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-sunken sm:px-5">
        <Badge tone={call.method === "get" ? "neutral" : "accent"}>{call.method.toUpperCase()}</Badge>
        <code className="font-medium break-all">{call.path}</code>
        <span className="text-muted">{words.summary}</span>
      </summary>
      <div className="flex flex-col gap-4 border-t border-line px-4 py-4 sm:px-5">
        {words.description ? (
          <p className="max-w-[72ch]">
            <Inline>{words.description}</Inline>
          </p>
        ) : null}
        <p className="text-muted">{scope ? t("needsScope", { scope }) : t("anyScope")}</p>
        <Examples call={call} origin={origin} base={base} />
        <Parameters call={call} />
        <Body call={call} schemas={schemas} />
        <Answers call={call} schemas={schemas} />
      </div>
    </details>
  );
}

function Examples({ call, origin, base }: Omit<Props, "schemas">) {
  const t = useTranslations("api");
  const [language, setLanguage] = useState<"curl" | "python">("curl");
  const code = { curl: curlExample, python: pythonExample };
  return (
    <Tabs
      label={t("example")}
      value={language}
      onChange={setLanguage}
      tabs={(["curl", "python"] as const).map((value) => ({
        value,
        label: t(`languages.${value}`),
        content: <CodeBlock label={t(`languages.${value}`)} code={code[value](origin, base, call)} />,
      }))}
    />
  );
}

function Parameters({ call }: { call: Call }) {
  const t = useTranslations("api");
  const words = useCallWords(call);
  const given = call.parameters ?? [];
  if (given.length === 0) return null;
  return (
    <section>
      <h4 className="mb-1.5 font-medium">{t("parameters")}</h4>
      <ul className="divide-y divide-line rounded-md border border-line">
        {given.map(({ name, in: place, required, schema }) => (
          <li key={name} className="min-w-0 px-3 py-2">
            <code className="font-medium">{name}</code>{" "}
            <span className="text-[13px] break-words text-muted">
              {t(`places.${place}`)} · {typeText(schema)}
              {required ? null : ` · ${t("optional")}`}
              {schema.default === undefined ? null : ` · ${t("default", { value: JSON.stringify(schema.default) })}`}
            </span>
            <span className="block text-[13px]">
              <Inline>{words.parameter(name) ?? ""}</Inline>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Body({ call, schemas }: Pick<Props, "call" | "schemas">) {
  const t = useTranslations("api");
  if (!call.requestBody) return null;
  const json = call.requestBody.content["application/json"]?.schema;
  return (
    <section>
      <h4 className="mb-1.5 font-medium">{t("body")}</h4>
      {json ? <SchemaView schema={json} schemas={schemas} /> : <p className="text-muted">{t("fileBody")}</p>}
    </section>
  );
}

function Answers({ call, schemas }: Pick<Props, "call" | "schemas">) {
  const t = useTranslations("api");
  const all = Object.entries(call.responses);
  const refused = all.filter(([status]) => Number(status) >= 400);
  return (
    <section>
      <h4 className="mb-1.5 font-medium">{t("answer")}</h4>
      {all
        .filter(([status]) => Number(status) < 400)
        .map(([status, { content = {} }]) => {
          const schema = content["application/json"]?.schema;
          return (
            <div key={status}>
              <p className="mb-1.5 text-muted">
                {status}{" "}
                <code className="break-words">{schema ? typeText(schema) : Object.keys(content).join(", ")}</code>
              </p>
              {schema ? <SchemaView schema={schema} schemas={schemas} /> : null}
            </div>
          );
        })}
      <p className="mt-2 text-[13px] text-muted">
        {t("errorsOf", { statuses: refused.map(([status]) => status).join(", ") })}
      </p>
    </section>
  );
}
