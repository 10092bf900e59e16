"use client";
import { Menu } from "@base-ui/react/menu";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Eraser, FileDown, KeyRound, UserRoundCheck, UserRoundX } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { cx } from "@/app/_ui/cx";
import { useErrorText } from "@/app/_ui/errorText";
import { menuItemClass, menuPopupClass } from "@/app/_ui/menuClass";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Td } from "@/app/_ui/Table";
import { useToast } from "@/app/_ui/Toast";
import type { ProjectRole } from "@/server/domain/roles";
import { memberRights } from "./memberRights";
import type { Person } from "./peopleTypes";
import { RoleSelect } from "./RoleSelect";

interface Props {
  projectId: string;
  person: Person;
  myRole: ProjectRole;
  isMe: boolean;
  onRemove: () => void;
  onReset: () => void;
  onErase: () => void;
}

export function MemberRow({ projectId, person, myRole, isMe, onRemove, onReset, onErase }: Props) {
  const t = useTranslations("people");
  const common = useTranslations("common");
  const format = useFormatter();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const say = useErrorText();
  const removed = person.revokedAt !== null;
  const rights = memberRights(myRole, { role: person.role, removed, isMe });
  const restore = useMutation(
    trpc.people.restore.mutationOptions({
      onSuccess: () => {
        toast.show({ title: t("restored", { name: person.name }) });
        return queries.invalidateQueries(trpc.people.list.queryFilter({ projectId }));
      },
      onError: (error) => toast.show({ title: say(error), tone: "danger" }),
    }),
  );
  const hasMenu = rights.remove || rights.restore || rights.resetLink || rights.personalData;
  return (
    <tr className={cx(removed && "text-muted")}>
      <Td className="min-w-36 sm:min-w-48">
        <span className="block font-medium break-words">
          {person.name} {isMe ? <span className="font-normal text-muted">{t("members.you")}</span> : null}
        </span>
        <span className="block text-[13px] break-all text-muted">{person.email}</span>
        {person.inviteLabel ? (
          <span className="block text-[13px] text-muted">{t("members.via", { label: person.inviteLabel })}</span>
        ) : null}
      </Td>
      <Td>
        {removed ? (
          <Badge>{t("members.removed")}</Badge>
        ) : rights.setRole ? (
          <RoleSelect projectId={projectId} person={person} />
        ) : (
          common(`projectRole.${person.role}`)
        )}
      </Td>
      <Td className="text-end">{format.number(person.votes)}</Td>
      <Td className="text-end">{format.number(person.votesToday)}</Td>
      <Td className="whitespace-nowrap">
        {person.lastVoteAt ? (
          <RelativeTime date={person.lastVoteAt} />
        ) : (
          <span className="text-muted">{common("never")}</span>
        )}
      </Td>
      <Td className="w-px bg-surface text-end max-sm:sticky max-sm:right-0">
        {hasMenu ? (
          <Menu.Root>
            <Menu.Trigger
              aria-label={t("members.actionsFor", { name: person.name })}
              className="-my-1.5 inline-flex size-9 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink pointer-coarse:size-11"
            >
              <Ellipsis aria-hidden className="size-4" />
            </Menu.Trigger>
            <Menu.Portal>
              <Menu.Positioner sideOffset={4} align="end" className="z-50">
                <Menu.Popup className={menuPopupClass}>
                  {rights.resetLink ? (
                    <Menu.Item onClick={onReset} className={menuItemClass}>
                      <KeyRound aria-hidden className="size-4 text-muted" />
                      {t("reset.open")}
                    </Menu.Item>
                  ) : null}
                  {rights.remove ? (
                    <Menu.Item onClick={onRemove} className={menuItemClass}>
                      <UserRoundX aria-hidden className="size-4 text-muted" />
                      {t("remove.open")}
                    </Menu.Item>
                  ) : null}
                  {rights.restore ? (
                    <Menu.Item
                      onClick={() => restore.mutate({ projectId, userId: person.userId })}
                      className={menuItemClass}
                    >
                      <UserRoundCheck aria-hidden className="size-4 text-muted" />
                      {t("restore")}
                    </Menu.Item>
                  ) : null}
                  {rights.personalData ? (
                    <>
                      <Menu.Item
                        render={
                          <a
                            href={`/api/people/${person.userId}?projectId=${projectId}`}
                            download="personal-data.json"
                          />
                        }
                        className={menuItemClass}
                      >
                        <FileDown aria-hidden className="size-4 text-muted" />
                        {t("data.download")}
                      </Menu.Item>
                      <Menu.Item onClick={onErase} className={menuItemClass}>
                        <Eraser aria-hidden className="size-4 text-muted" />
                        {t("erase.open")}
                      </Menu.Item>
                    </>
                  ) : null}
                </Menu.Popup>
              </Menu.Positioner>
            </Menu.Portal>
          </Menu.Root>
        ) : null}
      </Td>
    </tr>
  );
}
