"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { IconButton } from "@/app/_ui/IconButton";
import { useToast } from "@/app/_ui/Toast";
import { useFigures } from "../runs/useFigures";
import { DescentList } from "./DescentList";
import type { ModelRow } from "./modelTypes";

/** Removes a model after saying what is lost with it. */
export function RemoveModel({ projectId, model }: { projectId: string; model: ModelRow }) {
  const t = useTranslations("models");
  const { bytes } = useFigures();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const removal = useQuery(
    trpc.models.removal.queryOptions({ projectId, modelId: model.id }, { enabled: asking, staleTime: 0 }),
  );
  const remove = useMutation(
    trpc.models.remove.mutationOptions({
      onSuccess: async () => {
        setAsking(false);
        toast.show({ title: t("removed", { name: model.name }) });
        const keys = [trpc.models.pathKey(), trpc.runs.pathKey()];
        await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
      },
    }),
  );
  return (
    <>
      <IconButton
        label={t("removeLabel", { name: model.name })}
        icon={<Trash2 aria-hidden className="size-4" />}
        onClick={() => {
          remove.reset();
          setAsking(true);
        }}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("removeTitle", { name: model.name })}
        confirmLabel={t("removeConfirm")}
        pending={remove.isPending || removal.isPending}
        error={remove.error ?? removal.error}
        onConfirm={() => remove.mutate({ projectId, modelId: model.id })}
      >
        <p>{t("removeText", { size: bytes(model.bytes) })}</p>
        {removal.data ? <DescentList {...removal.data}>{t("removeStays")}</DescentList> : null}
      </ConfirmDialog>
    </>
  );
}
