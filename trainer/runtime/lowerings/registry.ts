import { activationLowerings } from "./activation";
import { elementwiseLowerings } from "./elementwise";
import { fusedLowerings } from "./fused";
import { indexingLowerings } from "./indexing";
import { logicLowerings } from "./logic";
import type { Lowerings } from "./lowering";
import { productLowerings } from "./product";
import { quantisedLowerings } from "./quantised";
import { reductionLowerings } from "./reduction";
import { shapeLowerings } from "./shape";
import { trigonometryLowerings } from "./trigonometry";

/** Every tfjs kernel that a traced program may use. */
export const lowerings: Lowerings = {
  ...activationLowerings,
  ...elementwiseLowerings,
  ...fusedLowerings,
  ...indexingLowerings,
  ...logicLowerings,
  ...productLowerings,
  ...quantisedLowerings,
  ...reductionLowerings,
  ...shapeLowerings,
  ...trigonometryLowerings,
};
