import { statSync } from "node:fs";
import { type LoadedModel, loadModel } from "@/trainer/generation/loadedModel";
import type { Provider } from "@/trainer/runtime/program";
import type { PlacedModel } from "./protocol";

/** One question's models: four that answer and the one that scores. */
const bound = 5;

type ModelPlace = Pick<PlacedModel, "folder" | "baseFolder">;

interface Entry {
  readonly model: LoadedModel;
  users: number;
}

/** Models in memory, the ones used last. A folder that was written again is loaded again. */
export class ModelCache {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly openProvider: () => Promise<Provider>) {}

  /** Keeps the model in memory while `use` runs. */
  async using<T>({ folder, baseFolder }: ModelPlace, use: (model: LoadedModel) => Promise<T>): Promise<T> {
    const provider = await this.openProvider();
    const written = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const key = `${folder}|${written}`;
    const entry = this.entries.get(key) ?? { model: loadModel(folder, provider, baseFolder), users: 0 };
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.users += 1;
    try {
      await this.evict();
      return await use(entry.model);
    } finally {
      entry.users -= 1;
    }
  }

  private async evict(): Promise<void> {
    for (const [key, { model, users }] of this.entries) {
      if (this.entries.size <= bound) return;
      if (users > 0) continue;
      this.entries.delete(key);
      await model.dispose();
    }
  }
}
