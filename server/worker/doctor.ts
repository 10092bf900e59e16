import { setPriority } from "node:os";
import { examineMachine } from "@/trainer/doctor";
import { endWithParent } from "../parent";

// A process of its own: the slowest provider computes for seconds without a pause.
setPriority(10);
endWithParent();
const report = await examineMachine(Number(process.argv[2]));
process.send?.(report, undefined, undefined, () => process.exit(0));
