"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { keepPage } from "@/app/_features/offline/keepPage";
import { useTRPC } from "@/app/_trpc/client";
import { HttpError } from "@/app/_ui/appError";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { phaseOf, type Start } from "./annotateState";
import type { Annotator } from "./annotator";
import { Compare, type CompareProject } from "./Compare";
import { GuidelinesGate } from "./GuidelinesGate";
import { Practice } from "./Practice";
import { PairSkeleton } from "./Rest";
import { useAnnotate, useAnnotateState } from "./useAnnotate";

/** The page on which people judge pairs. The project is asked for anew: the day's count starts from it. */
export function ComparePage({ projectId }: { projectId: string }) {
  const t = useTranslations("annotate");
  const trpc = useTRPC();
  // Without a network the page goes on with what it was sent, so it asks anyway and hears that nobody answers.
  const me = useQuery({ ...trpc.session.me.queryOptions(), networkMode: "always" });
  const project = useQuery({
    ...trpc.projects.get.queryOptions({ projectId }),
    networkMode: "always",
    staleTime: 0,
    refetchOnMount: "always",
    refetchOnWindowFocus: false,
  });
  const signedOut = me.data && !me.data.user ? new HttpError("not_signed_in") : null;
  const user = me.data?.user;
  const guidelines = useQuery({
    ...trpc.guidelines.current.queryOptions({ projectId }),
    networkMode: "always",
    staleTime: 0,
    refetchOnMount: "always",
    refetchOnWindowFocus: false,
  });
  const failed = project.error ?? guidelines.error ?? me.error;
  const error = signedOut ?? (user && project.data && guidelines.data ? null : failed);
  if (error) {
    return (
      <Page>
        <ErrorNote
          error={error}
          onRetry={() => void Promise.all([me.refetch(), project.refetch(), guidelines.refetch()])}
        />
        {signedOut ? (
          <ButtonLink href={`/sign-in?next=${encodeURIComponent(`/projects/${projectId}/compare`)}`} className="mt-4">
            {t("signIn")}
          </ButtonLink>
        ) : null}
      </Page>
    );
  }
  if (!user || !project.data || !guidelines.data) return <Waiting />;
  if (!project.isFetchedAfterMount || !guidelines.isFetchedAfterMount) return <Waiting />;
  const { verdictSteps, allowBothBad, reasonRequired, reasonChoices, criteria, leaseSeconds, myVotesToday } =
    project.data;
  const rules = { verdictSteps, allowBothBad, reasonRequired, reasonChoices, criteria, leaseMs: leaseSeconds * 1000 };
  return (
    <Running
      key={`${projectId} ${user.id}`}
      project={project.data}
      userId={user.id}
      start={{
        ...{ rules, today: myVotesToday },
        guidelines: guidelines.data.guidelines,
        guidelinesRead: guidelines.data.read,
      }}
    />
  );
}

interface RunningProps {
  project: CompareProject;
  userId: string;
  start: Pick<Start, "rules" | "today" | "guidelines" | "guidelinesRead">;
}

function Running({ project, userId, start }: RunningProps) {
  const [notKept, setNotKept] = useState(false);
  const annotator = useAnnotate({ projectId: project.id, userId, ...start, onNotKept: () => setNotKept(true) });
  const ready = annotator !== null;
  useEffect(() => {
    // Where it cannot be kept, the page works as long as it stays open.
    if (ready) keepPage(`/projects/${project.id}/compare`).catch(() => {});
  }, [ready, project.id]);
  return annotator ? <Working project={project} annotator={annotator} notKept={notKept} /> : <Waiting />;
}

/** The pairs, or what comes before them: guidelines to read, practice to do. */
function Working({ project, annotator, notKept }: { project: CompareProject; annotator: Annotator; notKept: boolean }) {
  const state = useAnnotateState(annotator);
  const phase = phaseOf(state);
  const { guidelines } = state;
  if (phase === "guidelines") {
    return guidelines ? (
      <GuidelinesGate project={project} annotator={annotator} state={state} guidelines={guidelines} />
    ) : null;
  }
  if (phase === "practice") return <Practice project={project} annotator={annotator} state={state} />;
  return <Compare project={project} annotator={annotator} state={state} phase={phase} notKept={notKept} />;
}

const Waiting = () => (
  <div className="flex h-dvh flex-col">
    <div className="h-12 shrink-0 border-b border-line" />
    <PairSkeleton />
    <div className="h-36 shrink-0 border-t border-line" />
  </div>
);
