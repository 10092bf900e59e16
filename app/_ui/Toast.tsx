"use client";
import { Toast as Base } from "@base-ui/react/toast";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useMemo } from "react";

interface ToastOptions {
  /** The same id again replaces the toast in place. */
  readonly id?: string;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly tone?: "neutral" | "danger";
  readonly action?: { readonly label: string; readonly onClick: () => void };
  /** Milliseconds until it goes; 0 keeps it. */
  readonly timeout?: number;
}

export interface Toaster {
  show(options: ToastOptions): string;
  close(id: string): void;
}

/** Short news that need no answer: saved, copied, undone. What must be read belongs on the page. */
export function useToast(): Toaster {
  const { add, close } = Base.useToastManager();
  return useMemo(
    () => ({
      show: ({ id, title, description, tone = "neutral", action, timeout = 5_000 }) =>
        add({
          id,
          title,
          description,
          timeout,
          type: tone,
          priority: tone === "danger" ? "high" : "low",
          actionProps: action && { children: action.label, onClick: action.onClick },
        }),
      close: (id) => close(id),
    }),
    [add, close],
  );
}

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider limit={3}>
      {children}
      <Base.Portal>
        <Base.Viewport className="fixed inset-x-3 bottom-3 z-50 mx-auto sm:left-auto sm:right-6 sm:bottom-6 sm:w-96">
          <ToastList />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function ToastList() {
  const { toasts } = Base.useToastManager();
  const t = useTranslations("common");
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="toast absolute inset-x-0 bottom-0 rounded-md border border-line-strong/60 bg-raised shadow-lg"
    >
      <Base.Content className="flex items-center gap-3 py-2 pr-2 pl-3">
        {toast.type === "danger" ? (
          <CircleAlert aria-hidden className="size-4 shrink-0 text-danger" />
        ) : (
          <CircleCheck aria-hidden className="size-4 shrink-0 text-muted" />
        )}
        <div className="min-w-0 flex-1">
          <Base.Title className="font-medium break-words" />
          <Base.Description className="text-[13px] break-words text-muted" />
        </div>
        {toast.actionProps ? (
          <Base.Action className="h-8 shrink-0 rounded-sm px-2 font-medium text-accent hover:bg-sunken pointer-coarse:h-11" />
        ) : null}
        <Base.Close
          aria-label={t("close")}
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-sunken pointer-coarse:size-11"
        >
          <X aria-hidden className="size-4" />
        </Base.Close>
      </Base.Content>
    </Base.Root>
  ));
}
