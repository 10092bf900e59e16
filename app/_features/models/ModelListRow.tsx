"use client";
import { Download, MessagesSquare, Pencil } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { Badge } from "@/app/_ui/Badge";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { buttonClass } from "@/app/_ui/buttonClass";
import { cx } from "@/app/_ui/cx";
import { IconButton } from "@/app/_ui/IconButton";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Tooltip } from "@/app/_ui/Tooltip";
import { heldOutAccuracy } from "../runs/metrics";
import { useFigures } from "../runs/useFigures";
import { ModelName } from "./ModelName";
import type { ModelRow } from "./modelTypes";
import { RemoveModel } from "./RemoveModel";

interface Props {
  projectId: string;
  model: ModelRow;
  /** The address asked for this one. */
  asked: boolean;
}

export function ModelListRow({ projectId, model, asked }: Props) {
  const t = useTranslations("models");
  const { bytes, compact } = useFigures();
  const [renaming, setRenaming] = useState(false);
  return (
    <li id={model.id} className={cx("px-4 py-4 sm:px-5", asked && "bg-accent-soft")}>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          {renaming ? (
            <ModelName projectId={projectId} model={model} onClose={() => setRenaming(false)} />
          ) : (
            <div className="flex min-w-0 items-center gap-1">
              <h2 className="min-w-0 font-semibold break-words">{model.name}</h2>
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
        </div>
      </div>
      <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 text-[13px]">
        <Fact label={t("parameters")}>{compact(model.parameters)}</Fact>
        <Fact label={t("size")}>{bytes(model.bytes)}</Fact>
        {model.starter ? null : <Fact label={t("base")}>{model.baseModelName ?? t("noBase")}</Fact>}
        <Fact label={t("from")}>
          {model.runId && model.snapshotNumber !== null ? (
            <Link
              href={`/projects/${projectId}/runs/${model.runId}`}
              className="text-accent underline underline-offset-2"
            >
              {t("fromRun", { number: model.snapshotNumber })}
            </Link>
          ) : (
            t("fromNowhere")
          )}
        </Fact>
        {model.starter ? null : <HeldOut model={model} />}
        {model.starter ? null : (
          <Fact label={t("created")}>
            <RelativeTime date={model.createdAt} />
          </Fact>
        )}
      </dl>
    </li>
  );
}

function HeldOut({ model }: { model: ModelRow }) {
  const t = useTranslations("models");
  const accuracy = heldOutAccuracy(model.kind === "reward" ? "reward" : "dpo", model.metrics, null);
  if (!accuracy) return <Fact label={t("heldOut")}>{t("noFigure")}</Fact>;
  return (
    <Fact label={t("heldOut")}>
      <Tooltip text={t("accuracyHelp")}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the explanation must be reachable by keyboard */}
        <span tabIndex={0} className="underline decoration-dotted underline-offset-2">
          {t("accuracy", { value: accuracy.value })}
        </span>
      </Tooltip>
    </Fact>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted">{label}</dt>
      <dd className="tabular break-words">{children}</dd>
    </div>
  );
}
