"use client";
import { Download, MessagesSquare } from "lucide-react";
import { useTranslations } from "next-intl";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { buttonClass } from "@/app/_ui/buttonClass";
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
      <a
        href={`/api/models/${model.id}/download?projectId=${encodeURIComponent(projectId)}`}
        aria-label={t("downloadLabel", { name: model.name })}
        className={buttonClass("secondary", "sm")}
      >
        <Download aria-hidden className="size-4" />
        {t("download")}
      </a>
      {model.starter ? null : <RemoveModel projectId={projectId} model={model} />}
    </>
  );
}
