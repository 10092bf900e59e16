import type { FileObjection } from "./fileCheck";

interface Sample {
  readonly at: number;
  readonly sent: number;
}

/** The way of a file from somebody's disk to the server; what follows (preview, import) is a page of its own. */
export type UploadState =
  | { readonly name: "idle" }
  | { readonly name: "refused"; readonly fileName: string; readonly objection: FileObjection | "many" }
  | {
      readonly name: "uploading";
      readonly fileName: string;
      readonly sent: number;
      readonly total: number;
      /** Nobody answers; it goes on by itself. */
      readonly waiting: boolean;
      /** The last few seconds' progress, by which the time left is told. */
      readonly samples: readonly Sample[];
    }
  | { readonly name: "failed"; readonly fileName: string; readonly error: unknown }
  | { readonly name: "uploaded"; readonly fileName: string; readonly importId: string };

export type UploadEvent =
  | { readonly type: "refuse"; readonly fileName: string; readonly objection: FileObjection | "many" }
  | { readonly type: "start"; readonly fileName: string; readonly total: number }
  /** `at` in milliseconds. */
  | { readonly type: "progress"; readonly sent: number; readonly at: number }
  | { readonly type: "wait" }
  | { readonly type: "done"; readonly importId: string }
  | { readonly type: "fail"; readonly error: unknown }
  | { readonly type: "cancel" };

/** How far back the speed is measured. */
const windowMs = 15_000;

/** Late events of an upload that was cancelled or has ended change nothing. */
export function uploadMachine(state: UploadState, event: UploadEvent): UploadState {
  switch (event.type) {
    case "refuse":
      if (state.name === "uploading") return state;
      return { name: "refused", fileName: event.fileName, objection: event.objection };
    case "start":
      if (state.name === "uploading") return state;
      return { name: "uploading", fileName: event.fileName, sent: 0, total: event.total, waiting: false, samples: [] };
    case "progress": {
      if (state.name !== "uploading") return state;
      const sent = Math.min(state.total, Math.max(state.sent, event.sent));
      const recent = state.samples.filter(({ at }) => event.at - at <= windowMs);
      return { ...state, sent, waiting: false, samples: [...recent, { at: event.at, sent }] };
    }
    case "wait":
      // The speed before a break says nothing of the speed after it.
      return state.name === "uploading" ? { ...state, waiting: true, samples: [] } : state;
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

/** All bytes sent is not yet done: the last percent waits for the server's answer. */
export const uploadPercent = (sent: number, total: number): number =>
  total <= 0 ? 0 : Math.min(99, Math.floor((sent / total) * 100));

/** Seconds until all bytes are sent at the speed of the last seconds; null while that is not known. */
export function secondsLeft(state: UploadState): number | null {
  if (state.name !== "uploading" || state.waiting) return null;
  const [first, last] = [state.samples[0], state.samples.at(-1)];
  if (!first || !last || last.at - first.at < 1_000 || last.sent <= first.sent) return null;
  return ((state.total - state.sent) * (last.at - first.at)) / (last.sent - first.sent) / 1_000;
}
