import type { FileObjection } from "./fileCheck";

/** The way of a file from somebody's disk to the server; what follows (preview, import) is a page of its own. */
export type UploadState =
  | { readonly name: "idle" }
  | { readonly name: "refused"; readonly fileName: string; readonly objection: FileObjection | "many" }
  | { readonly name: "uploading"; readonly fileName: string; readonly sent: number; readonly total: number }
  | { readonly name: "failed"; readonly fileName: string; readonly error: unknown }
  | { readonly name: "uploaded"; readonly fileName: string; readonly importId: string };

export type UploadEvent =
  | { readonly type: "refuse"; readonly fileName: string; readonly objection: FileObjection | "many" }
  | { readonly type: "start"; readonly fileName: string; readonly total: number }
  | { readonly type: "progress"; readonly sent: number }
  | { readonly type: "done"; readonly importId: string }
  | { readonly type: "fail"; readonly error: unknown }
  | { readonly type: "cancel" };

/** Late events of an upload that was cancelled or has ended change nothing. */
export function uploadMachine(state: UploadState, event: UploadEvent): UploadState {
  switch (event.type) {
    case "refuse":
      if (state.name === "uploading") return state;
      return { name: "refused", fileName: event.fileName, objection: event.objection };
    case "start":
      if (state.name === "uploading") return state;
      return { name: "uploading", fileName: event.fileName, sent: 0, total: event.total };
    case "progress":
      if (state.name !== "uploading") return state;
      return { ...state, sent: Math.min(state.total, Math.max(state.sent, event.sent)) };
    case "done":
      if (state.name !== "uploading") return state;
      return { name: "uploaded", fileName: state.fileName, importId: event.importId };
    case "fail":
      if (state.name !== "uploading") return state;
      return { name: "failed", fileName: state.fileName, error: event.error };
    case "cancel":
      return state.name === "uploading" ? { name: "idle" } : state;
  }
}

/** Bytes the browser has handed over can all be sent while the server still works: the last percent waits for its answer. */
export const uploadPercent = (sent: number, total: number): number =>
  total <= 0 ? 0 : Math.min(99, Math.floor((sent / total) * 100));
