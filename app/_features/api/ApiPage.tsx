"use client";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { HttpError } from "@/app/_ui/appError";
import { buttonClass } from "@/app/_ui/buttonClass";
import { Card } from "@/app/_ui/Card";
import { CopyField } from "@/app/_ui/CopyField";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { useEventWords } from "../access/eventWords";
import { CallView } from "./CallView";
import { CodeBlock } from "./CodeBlock";
import { callsOf, type OpenApi } from "./openApi";
import { SchemaView } from "./SchemaView";

const address = "/api/v1/openapi.json";

async function loadDocument(): Promise<OpenApi> {
  const response = await fetch(address);
  if (!response.ok) throw new HttpError("internal_error", {}, null, response.status);
  return (await response.json()) as OpenApi;
}

/** This host as the reader's browser knows it; nothing while the server draws the page. */
const useOrigin = (): string =>
  useSyncExternalStore(
    () => () => {},
    () => window.location.origin,
    () => "",
  );

/** How programs use the project, drawn from the API's OpenAPI document. */
export function ApiPage({ projectId }: { projectId: string }) {
  const t = useTranslations("api");
  const document = useQuery({ queryKey: ["openapi"], queryFn: loadDocument });
  return (
    <Page>
      <PageHeader
        back={{ href: `/projects/${projectId}/settings`, label: t("back") }}
        title={t("title")}
        description={t("lead")}
        actions={
          <a href={address} download="tiebreak-openapi.json" className={buttonClass()}>
            <Download aria-hidden className="size-4" />
            openapi.json
          </a>
        }
      />
      {document.data ? (
        <ApiView projectId={projectId} document={document.data} />
      ) : document.error ? (
        <ErrorNote error={document.error} onRetry={() => document.refetch()} />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-48" />
          <Skeleton className="h-96" />
        </div>
      )}
    </Page>
  );
}

function ApiView({ projectId, document }: { projectId: string; document: OpenApi }) {
  const t = useTranslations("api");
  const locale = useLocale();
  const origin = useOrigin();
  const base = document.servers[0]?.url ?? "";
  const { schemas } = document.components;
  const calls = callsOf(document);
  const link = (words: React.ReactNode) => (
    <Link href={`/projects/${projectId}/settings#tokens`} className="text-accent underline underline-offset-2">
      {words}
    </Link>
  );
  return (
    <div className="flex flex-col gap-4">
      <Card title={t("start.title")}>
        <div className="flex max-w-[72ch] flex-col gap-3">
          <p>{t.rich("start.token", { link })}</p>
          <CopyField label={t("start.base")} value={origin + base} />
          <CodeBlock
            label={t("languages.curl")}
            code={`export TIEBREAK_TOKEN=tbk_…\ncurl -H "Authorization: Bearer $TIEBREAK_TOKEN" ${origin}${base}/project`}
          />
          <p>{t("start.pages")}</p>
          <p>{t("start.limit")}</p>
          {locale === "en" ? null : <p className="text-muted">{t("start.english")}</p>}
        </div>
      </Card>
      {document.tags.map(({ name }) => (
        <Card key={name} title={t(`tags.${name as "Items"}`)} flush>
          <div className="divide-y divide-line">
            {calls
              .filter(({ tags }) => tags?.includes(name))
              .map((call) => (
                <CallView key={call.operationId} call={call} schemas={schemas} origin={origin} base={base} />
              ))}
          </div>
        </Card>
      ))}
      <Card title={t("errors.title")} description={t("errors.lead")}>
        <SchemaView schema={{ $ref: "#/components/schemas/Problem" }} schemas={schemas} />
      </Card>
      <Webhooks document={document} />
    </div>
  );
}

function Webhooks({ document }: { document: OpenApi }) {
  const t = useTranslations("api.webhooks");
  const words = useEventWords();
  const types = Object.keys(document.webhooks) as Parameters<typeof words>[0][];
  return (
    <Card title={t("title")} description={t("lead")}>
      <div className="flex flex-col gap-4">
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {types.map((type) => (
            <div key={type} className="contents">
              <dt>
                <code>{type}</code>
              </dt>
              <dd className="text-muted">{words(type)}</dd>
            </div>
          ))}
        </dl>
        <SchemaView schema={{ $ref: "#/components/schemas/WebhookMessage" }} schemas={document.components.schemas} />
        <p className="max-w-[72ch]">{t("check")}</p>
        <CodeBlock label="Python" code={verifyInPython} />
      </div>
    </Card>
  );
}

const verifyInPython = `import base64, hashlib, hmac, time

def verify(secret: str, headers, body: bytes) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        return False
    signed = f'{headers["webhook-id"]}.{headers["webhook-timestamp"]}.'.encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split())`;
