"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { useErrorText } from "@/app/_ui/errorText";
import { Select } from "@/app/_ui/Select";
import { useToast } from "@/app/_ui/Toast";
import { projectRoles } from "@/server/domain/roles";
import type { Person } from "./peopleTypes";

/** Changes a member's role at once; the toast takes it back. */
export function RoleSelect({ projectId, person }: { projectId: string; person: Person }) {
  const t = useTranslations("people");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const say = useErrorText();
  const { userId, name, role: before } = person;
  const setRole = useMutation(
    trpc.people.setRole.mutationOptions({
      onSuccess: (_, { role }) => {
        toast.show({
          id: `role-${userId}`,
          title: t("roleSet", { name, role: common(`projectRole.${role}`) }),
          action:
            role === before
              ? undefined
              : { label: t("undo"), onClick: () => setRole.mutate({ projectId, userId, role: before }) },
        });
        return Promise.all([
          queries.invalidateQueries(trpc.people.list.queryFilter({ projectId })),
          queries.invalidateQueries(trpc.projects.pathFilter()),
        ]);
      },
      onError: (error) => toast.show({ title: say(error), tone: "danger", timeout: 10_000 }),
    }),
  );
  return (
    <Select
      label={t("members.roleOf", { name })}
      value={setRole.isPending ? setRole.variables.role : before}
      disabled={setRole.isPending}
      onChange={(role) => {
        if (role !== before) setRole.mutate({ projectId, userId, role });
      }}
      items={projectRoles.map((role) => ({
        value: role,
        label: common(`projectRole.${role}`),
        hint: t(`roleHints.${role}`),
      }))}
      className="-my-1.5 min-w-32"
    />
  );
}
