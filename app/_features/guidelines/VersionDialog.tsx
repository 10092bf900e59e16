"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Select } from "@/app/_ui/Select";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Tabs } from "@/app/_ui/Tabs";
import { GuidelinesText } from "./GuidelinesText";
import { VersionChanges } from "./VersionChanges";

interface Props {
  projectId: string;
  /** The one to show; null shows none. */
  version: number | null;
  /** All there are, newest first. */
  versions: readonly number[];
  onClose: () => void;
}

/** One version as it was read, and what it changed beside any other. */
export function VersionDialog({ projectId, version, versions, onClose }: Props) {
  const t = useTranslations("guidelines");
  return (
    <Dialog
      open={version !== null}
      onOpenChange={(open) => open || onClose()}
      size="lg"
      title={t("versions.number", { version: version ?? 0 })}
    >
      {version === null ? null : <Version key={version} projectId={projectId} version={version} versions={versions} />}
    </Dialog>
  );
}

function Version({ projectId, version, versions }: Omit<Props, "version" | "onClose"> & { version: number }) {
  const t = useTranslations("guidelines");
  const trpc = useTRPC();
  const others = versions.filter((other) => other !== version);
  const [tab, setTab] = useState<"text" | "changes">("text");
  const [since, setSince] = useState(others.find((other) => other < version) ?? others[0]);
  const query = useQuery(trpc.guidelines.version.queryOptions({ projectId, version }));
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  const text = <GuidelinesText guidelines={query.data} />;
  if (since === undefined) return text;
  return (
    <Tabs
      label={t("title")}
      value={tab}
      onChange={setTab}
      tabs={[
        { value: "text", label: t("gate.text"), content: text },
        {
          value: "changes",
          label: t("changes.title"),
          content: (
            <div className="flex flex-col gap-4">
              <Select
                label={t("changes.with")}
                value={String(since)}
                onChange={(value) => setSince(Number(value))}
                items={others.map((other) => ({ value: String(other), label: t("changes.since", { version: other }) }))}
                className="max-w-72"
              />
              <VersionChanges projectId={projectId} since={since} after={query.data} />
            </div>
          ),
        },
      ]}
    />
  );
}
