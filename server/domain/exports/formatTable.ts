import type { ExportFormat, FormatSpec } from "./formats";
import { judgements } from "./judgementFormat";
import { hhRlhf, kto, openRlhf, trlConversational, trlImplicit, trlStandard, ultraFeedback } from "./pairFormats";
import { argilla, helpSteer, llamaFactoryAlpaca, llamaFactoryShareGpt } from "./toolFormats";

/** Every export format, by its name in addresses. */
export const formatTable: Readonly<Record<ExportFormat, FormatSpec>> = {
  "trl-conversational": trlConversational,
  "trl-standard": trlStandard,
  "trl-implicit": trlImplicit,
  kto,
  "hh-rlhf": hhRlhf,
  ultrafeedback: ultraFeedback,
  "llamafactory-sharegpt": llamaFactoryShareGpt,
  "llamafactory-alpaca": llamaFactoryAlpaca,
  openrlhf: openRlhf,
  helpsteer: helpSteer,
  argilla,
  judgements,
};
