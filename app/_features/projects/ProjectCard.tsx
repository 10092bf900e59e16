"use client";
import type { inferRouterOutputs } from "@trpc/server";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { homeOf } from "@/app/_features/shell/navigation";
import { Badge } from "@/app/_ui/Badge";
import { Progress } from "@/app/_ui/Progress";
import type { AppRouter } from "@/server/trpc/appRouter";

type Project = inferRouterOutputs<AppRouter>["projects"]["list"]["projects"][number];

export function ProjectCard({ project }: { project: Project }) {
  const t = useTranslations("projects");
  const common = useTranslations("common");
  const demo = useTranslations("demo.badge");
  const format = useFormatter();
  const { name, description, disclosure, role, items, votes, votesWanted, myVotesToday } = project;
  return (
    <Link
      href={homeOf(project.id, role)}
      className="flex min-h-44 w-full min-w-0 flex-col rounded-md border border-line bg-surface p-5 text-ink no-underline transition-colors hover:border-line-strong"
    >
      <div className="flex items-start justify-between gap-3">
        <h2 className="min-w-0 text-base font-semibold break-words">{name}</h2>
        <Badge>{common(`projectRole.${role}`)}</Badge>
      </div>
      {disclosure ? (
        <p className="mt-1">
          <Badge tone="accent">{demo(disclosure)}</Badge>
        </p>
      ) : null}
      {description ? <p className="mt-1 line-clamp-2 break-words text-muted">{description}</p> : null}
      <div className="mt-auto pt-5">
        {items === 0 ? (
          <p className="text-[13px] text-muted">{t("noItems")}</p>
        ) : (
          <>
            <p className="tabular mb-1.5 text-[13px] text-muted">
              {t("votes", { votes: format.number(votes), wanted: format.number(votesWanted) })}
            </p>
            <Progress value={votes} max={votesWanted} label={t("progress", { name })} />
          </>
        )}
        <p className="tabular mt-2 text-[13px] text-muted">{t("items", { count: items })}</p>
        <p className="tabular text-[13px] text-muted">{t("today", { count: myVotesToday })}</p>
      </div>
    </Link>
  );
}
