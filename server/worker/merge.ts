import { setPriority } from "node:os";
import { merged, openModel } from "@/trainer/adapters/openModel";
import { TrainerError } from "@/trainer/contracts/error";
import { saveModelFolder } from "@/trainer/io/modelFolder";
import { endWithParent } from "../parent";
import type { MergeAnswer, MergeTask } from "../services/mergedModel";

/** Merges one adapter or delta into its base and ends. */

setPriority(10);
endWithParent();

process.once("message", ({ folder, baseFolder, output, title }: MergeTask) => {
  const say = (answer: MergeAnswer) => process.send?.(answer, undefined, undefined, () => process.exit());
  try {
    const card = `# ${title}\n\nMerged into the weights of its base.\n`;
    saveModelFolder(output, merged(openModel(folder, undefined, baseFolder)), card, "F32");
    say({ done: true });
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error;
    say({ problem: error.message });
  }
});
