import type { ReactNode } from "react";
import { PreferenceMenu } from "../_features/shell/PreferenceMenu";
import { Logo } from "../_ui/Logo";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex items-center justify-between px-4 py-3 sm:px-6">
        <Logo />
        <PreferenceMenu />
      </header>
      <main className="mx-auto flex w-full max-w-md flex-1 flex-col px-4 pt-[6dvh] pb-16">{children}</main>
    </div>
  );
}
