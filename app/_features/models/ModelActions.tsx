"use client";
import { MessagesSquare } from "lucide-react";
import { useTranslations } from "next-intl";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { CompressModel } from "./CompressModel";
import { ModelDownloads } from "./ModelDownloads";
import type { ModelRow } from "./modelTypes";
import { RemoveModel } from "./RemoveModel";

/** What can be done with a model: try it, take it along, remove it. */
export function ModelActions({ projectId, model }: { projectId: string; model: ModelRow }) {
  const t = useTranslations("models");
  return (
    <>
      <ButtonLink
        href={`/projects/${projectId}/playground?${model.kind === "reward" ? "reward" : "tuned"}=${model.id}`}
        aria-label={t("playgroundLabel", { name: model.name })}
        size="sm"
        icon={<MessagesSquare aria-hidden className="size-4" />}
      >
        {t("playground")}
      </ButtonLink>
      <ModelDownloads projectId={projectId} model={model} size="sm" />
      {model.whole && !model.starter ? <CompressModel projectId={projectId} model={model} /> : null}
      {model.starter ? null : <RemoveModel projectId={projectId} model={model} />}
    </>
  );
}
