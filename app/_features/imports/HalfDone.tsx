"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { discardUpload } from "./uploadFile";
import { useFileSize } from "./useFileSize";

interface Props {
  projectId: string;
  uploads: readonly { id: string; fileName: string; fileBytes: number; offset: number }[];
}

/** Uploads that a closed page or a lost connection left half-way: the same file, chosen again, goes on from there. */
export function HalfDone({ projectId, uploads }: Props) {
  const t = useTranslations("imports.halfDone");
  const size = useFileSize();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const discard = useMutation({
    mutationFn: (id: string) => discardUpload(projectId, id),
    onSettled: () => queries.invalidateQueries({ queryKey: trpc.imports.uploads.pathKey() }),
  });
  if (uploads.length === 0) return null;
  return (
    <section aria-label={t("title")} className="w-full max-w-xl rounded-md border border-line p-3 text-start">
      <p className="text-[13px] text-muted">{t("lead")}</p>
      <ul className="mt-2 flex flex-col gap-2">
        {uploads.map(({ id, fileName, fileBytes, offset }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
            <span className="min-w-0 [overflow-wrap:anywhere]">
              <span className="font-medium">{fileName}</span>{" "}
              <span className="tabular text-muted">{t("there", { sent: size(offset), total: size(fileBytes) })}</span>
            </span>
            <Button
              size="sm"
              variant="ghost"
              aria-label={t("discardLabel", { fileName })}
              pending={discard.isPending && discard.variables === id}
              onClick={() => discard.mutate(id)}
            >
              {t("discard")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
