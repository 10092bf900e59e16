import { elementwiseLowerings } from "./elementwise";
import { indexingLowerings } from "./indexing";
import type { Lowerings } from "./lowering";
import { matmulLowerings } from "./matmul";
import { reductionLowerings } from "./reduction";
import { shapeLowerings } from "./shape";

/** Every tfjs kernel that a traced program may use. */
export const lowerings: Lowerings = {
  ...elementwiseLowerings,
  ...indexingLowerings,
  ...matmulLowerings,
  ...reductionLowerings,
  ...shapeLowerings,
};
