"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { useErrorText } from "@/app/_ui/errorText";
import { Input } from "@/app/_ui/Input";
import { useToast } from "@/app/_ui/Toast";
import type { ModelRow } from "./modelTypes";

/** Renames in place: Enter saves, Escape leaves it as it was. */
export function ModelName({ projectId, model, onClose }: { projectId: string; model: ModelRow; onClose: () => void }) {
  const t = useTranslations("models");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const errorText = useErrorText();
  const [name, setName] = useState(model.name);
  const trimmed = name.trim();
  const rename = useMutation(
    trpc.models.rename.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.models.pathKey() });
        toast.show({ title: t("renamed", { name: trimmed }) });
        onClose();
      },
    }),
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    if (trimmed === model.name) onClose();
    else if (trimmed) rename.mutate({ projectId, modelId: model.id, name: trimmed });
  }
  const problem = trimmed === "" ? t("nameEmpty") : rename.error ? errorText(rename.error) : null;
  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <div className="flex flex-wrap gap-2">
        <Input
          autoFocus
          aria-label={t("nameLabel")}
          maxLength={120}
          value={name}
          className="max-w-80 flex-1 basis-48"
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" variant="primary" pending={rename.isPending} disabled={trimmed === ""}>
          {t("save")}
        </Button>
        <Button onClick={onClose}>{t("keep")}</Button>
      </div>
      <p role="status" className="mt-1 text-[13px] text-danger empty:hidden">
        {problem}
      </p>
    </form>
  );
}
