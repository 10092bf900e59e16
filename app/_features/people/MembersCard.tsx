"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Table, Th } from "@/app/_ui/Table";
import type { ProjectRole } from "@/server/domain/roles";
import { EraseDialog } from "./EraseDialog";
import { MemberRow } from "./MemberRow";
import type { Person } from "./peopleTypes";
import { RemoveDialog } from "./RemoveDialog";
import { ResetLinkDialog } from "./ResetLinkDialog";

/** Everyone in the project, those removed last. */
export function MembersCard({ projectId, myRole }: { projectId: string; myRole: ProjectRole }) {
  const t = useTranslations("people");
  const trpc = useTRPC();
  const list = useQuery(trpc.people.list.queryOptions({ projectId }));
  const me = useQuery(trpc.session.me.queryOptions());
  const [removing, setRemoving] = useState<Person | null>(null);
  const [resetting, setResetting] = useState<Person | null>(null);
  const [erasing, setErasing] = useState<Person | null>(null);
  const people = list.data?.people;
  const sorted = people && [...people].sort((x, y) => Number(x.revokedAt !== null) - Number(y.revokedAt !== null));
  return (
    <Card title={t("members.title")} description={t("members.lead")} flush>
      {sorted ? (
        <Table label={t("members.title")}>
          <thead>
            <tr>
              <Th>{t("members.person")}</Th>
              <Th>{t("members.role")}</Th>
              <Th className="text-end">{t("members.votes")}</Th>
              <Th className="text-end">{t("members.today")}</Th>
              <Th>{t("members.lastVote")}</Th>
              <Th>
                <span className="sr-only">{t("members.actions")}</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((person) => (
              <MemberRow
                key={person.userId}
                projectId={projectId}
                person={person}
                myRole={myRole}
                isMe={person.userId === me.data?.user?.id}
                onRemove={() => setRemoving(person)}
                onReset={() => setResetting(person)}
                onErase={() => setErasing(person)}
              />
            ))}
          </tbody>
        </Table>
      ) : list.error ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} className="m-4" />
      ) : (
        <SkeletonRows rows={4} />
      )}
      <RemoveDialog projectId={projectId} person={removing} onClose={() => setRemoving(null)} />
      <EraseDialog projectId={projectId} person={erasing} onClose={() => setErasing(null)} />
      <ResetLinkDialog projectId={projectId} person={resetting} onClose={() => setResetting(null)} />
    </Card>
  );
}
