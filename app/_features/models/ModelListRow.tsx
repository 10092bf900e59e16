"use client";
import { Pencil } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_ui/Badge";
import { cx } from "@/app/_ui/cx";
import { IconButton } from "@/app/_ui/IconButton";
import { ModelActions } from "./ModelActions";
import { ModelFacts } from "./ModelFacts";
import { ModelName } from "./ModelName";
import type { ModelRow } from "./modelTypes";

interface Props {
  projectId: string;
  model: ModelRow;
  /** The address asked for this one. */
  asked: boolean;
}

export function ModelListRow({ projectId, model, asked }: Props) {
  const t = useTranslations("models");
  const [renaming, setRenaming] = useState(false);
  return (
    <li id={model.id} className={cx("px-4 py-4 sm:px-5", asked && "bg-accent-soft")}>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          {renaming ? (
            <ModelName projectId={projectId} model={model} onClose={() => setRenaming(false)} />
          ) : (
            <div className="flex min-w-0 items-center gap-1">
              <h2 className="min-w-0 font-semibold break-words">
                <Link href={`/projects/${projectId}/models/${model.id}`} className="hover:underline">
                  {model.name}
                </Link>
              </h2>
              {model.starter ? null : (
                <IconButton
                  label={t("renameLabel", { name: model.name })}
                  icon={<Pencil aria-hidden className="size-4" />}
                  onClick={() => setRenaming(true)}
                />
              )}
            </div>
          )}
          <p className="mt-1 flex flex-wrap items-center gap-2">
            <Badge>{t(`kind.${model.kind}`)}</Badge>
            {model.starter ? <Badge tone="accent">{t("starter")}</Badge> : null}
          </p>
          {model.starter ? <p className="mt-1 text-[13px] text-muted">{t("starterHelp")}</p> : null}
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <ModelActions projectId={projectId} model={model} />
        </div>
      </div>
      <div className="mt-3">
        <ModelFacts projectId={projectId} model={model} />
      </div>
    </li>
  );
}
