"use client";
import { Menu } from "@base-ui/react/menu";
import { CircleUserRound, KeyRound, LogOut } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { forgetKeptPairs } from "@/app/_features/annotate/keptStore";
import { forgetPages } from "@/app/_features/offline/keepPage";
import { cx } from "@/app/_ui/cx";
import { useErrorText } from "@/app/_ui/errorText";
import { menuItemClass, menuPopupClass } from "@/app/_ui/menuClass";
import { postJson } from "@/app/_ui/postJson";
import { useToast } from "@/app/_ui/Toast";
import { PreferenceItems } from "./PreferenceItems";

export interface Viewer {
  readonly name: string;
  readonly email: string;
  readonly instanceAdmin: boolean;
  readonly needsCredentials: boolean;
}

export function AccountMenu({ viewer, compact = false }: { viewer: Viewer; compact?: boolean }) {
  const t = useTranslations("shell");
  const say = useErrorText();
  const toast = useToast();
  async function signOut() {
    try {
      await postJson("/api/auth/sign-out", {});
      // Whoever uses this browser next finds no pair and no page of this person's.
      await Promise.allSettled([forgetPages(), forgetKeptPairs()]);
      // A full load, so that nothing of this person stays in the page's memory.
      window.location.assign("/sign-in");
    } catch (error) {
      toast.show({ title: say(error), tone: "danger" });
    }
  }
  return (
    <Menu.Root>
      <Menu.Trigger
        aria-label={t("account", { name: viewer.name })}
        className={cx(
          "flex h-10 min-w-0 items-center gap-2.5 rounded-md text-start hover:bg-line/50 pointer-coarse:h-11",
          compact ? "w-10 justify-center pointer-coarse:w-11" : "w-full px-2.5",
        )}
      >
        <CircleUserRound aria-hidden className="size-[18px] shrink-0 text-muted" />
        {compact ? null : <span className="min-w-0 flex-1 truncate font-medium">{viewer.name}</span>}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="start" className="z-50">
          <Menu.Popup className={menuPopupClass}>
            <p className="px-2 py-1.5 text-[13px] break-words text-muted">
              {viewer.needsCredentials ? viewer.name : t("signedInAs", { email: viewer.email })}
            </p>
            {viewer.needsCredentials ? (
              <Menu.LinkItem render={<Link href="/welcome" />} className={menuItemClass}>
                <KeyRound aria-hidden className="size-4 text-muted" />
                {t("finishAccount")}
              </Menu.LinkItem>
            ) : null}
            <Menu.Separator className="my-1 border-t border-line" />
            <PreferenceItems />
            <Menu.Separator className="my-1 border-t border-line" />
            <Menu.Item onClick={signOut} className={menuItemClass}>
              <LogOut aria-hidden className="size-4 text-muted" />
              {t("signOut")}
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
