"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp, FolderUp } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ChangeEvent, useEffect, useRef, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { pickModel } from "@/server/domain/models/modelFiles";
import { type ChosenFile, sendModel } from "./sendModel";
import { Transfer } from "./Transfer";

type State =
  | { readonly name: "idle" | "stopped" }
  | { readonly name: "refused"; readonly problem: "nothing" | "several" | "no_tokenizer" | "no_weights" }
  | {
      readonly name: "sending";
      readonly model: string;
      readonly sent: number;
      readonly total: number;
      readonly waiting: boolean;
    }
  | { readonly name: "failed"; readonly error: unknown }
  | { readonly name: "sent"; readonly model: string };

const directory = { webkitdirectory: "" };

/** Sends a model from this computer to the server and has it added. */
export function AddFromComputer({ projectId }: { projectId: string }) {
  const t = useTranslations("models.add.upload");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const controller = useRef<AbortController | null>(null);
  const [state, setState] = useState<State>({ name: "idle" });
  const add = useMutation(trpc.models.addUploaded.mutationOptions());
  // What was sent is kept by the server; the page that leaves only stops.
  useEffect(() => () => controller.current?.abort(), []);

  async function send(chosen: readonly ChosenFile[]) {
    const picked = pickModel(chosen);
    if ("problem" in picked) return setState({ name: "refused", problem: picked.problem });
    const { name: model, bytes: total } = picked;
    const own = new AbortController();
    controller.current = own;
    setState({ name: "sending", model, sent: 0, total, waiting: false });
    const progress = (sent: number, waiting: boolean) => setState({ name: "sending", model, sent, total, waiting });
    try {
      const placed = await sendModel(projectId, picked.files, progress, own.signal);
      await add.mutateAsync({ projectId, name: model, files: placed });
      await queries.invalidateQueries({ queryKey: trpc.models.incoming.queryKey() });
      setState({ name: "sent", model });
    } catch (error) {
      setState(own.signal.aborted ? { name: "stopped" } : { name: "failed", error });
    }
  }

  function onChange({ currentTarget }: ChangeEvent<HTMLInputElement>) {
    const chosen = [...(currentTarget.files ?? [])];
    // Choosing the same files again must count as a change.
    currentTarget.value = "";
    if (chosen.length > 0)
      void send(chosen.map((file) => ({ path: file.webkitRelativePath || file.name, bytes: file.size, file })));
  }

  const sending = state.name === "sending";
  return (
    <div className="grid gap-4">
      <p className="text-[13px] text-muted">{t("lead")}</p>
      {sending ? (
        <div className="grid gap-2">
          <p role="status" className="break-words">
            {t("sending", { name: state.model })} {state.waiting ? t("waiting") : null}
          </p>
          <Transfer name={state.model} bytes={state.sent} total={state.total} />
          <div>
            <Button size="sm" onClick={() => controller.current?.abort()}>
              {t("cancel")}
            </Button>
          </div>
        </div>
      ) : (
        <div className="flex flex-wrap gap-3">
          <Button icon={<FolderUp aria-hidden className="size-4" />} onClick={() => folder.current?.click()}>
            {t("folder")}
          </Button>
          <Button icon={<FileUp aria-hidden className="size-4" />} onClick={() => files.current?.click()}>
            {t("files")}
          </Button>
        </div>
      )}
      <input ref={folder} type="file" hidden multiple {...directory} onChange={onChange} />
      <input
        ref={files}
        type="file"
        hidden
        multiple
        accept=".gguf,.bin,.zip,.json,.safetensors,.md,.jinja"
        onChange={onChange}
      />
      {state.name === "refused" ? (
        <p role="alert" className="text-danger">
          {t(`problem.${state.problem}`)}
        </p>
      ) : null}
      {state.name === "stopped" ? <p role="status">{t("stopped")}</p> : null}
      {state.name === "sent" ? <p role="status">{t("sent", { name: state.model })}</p> : null}
      {state.name === "failed" ? <ErrorNote error={state.error} /> : null}
    </div>
  );
}
