import { z } from "zod";

export const pairLossNames = [
  "sigmoid",
  "cdpo",
  "robust",
  "ipo",
  "ipo_original",
  "hinge",
  "sigmoid_norm",
  "bco_pair",
  "nca_pair",
  "apo_zero",
  "apo_down",
  "sppo_hard",
  "exo_pair",
  "discopop",
  "cpo",
  "simpo",
  "orpo",
  "sft",
] as const;
export const pairLossNameSchema = z.enum(pairLossNames);
export type PairLossName = z.infer<typeof pairLossNameSchema>;

/** What the losses on pairs can be tuned by; each uses those in its row of `pairLosses` and no others. */
export interface PairHyperparameters {
  /** Strength of the pull towards the reference model; for reference-free losses the scale of the margin. */
  readonly beta: number;
  /** SimPO's target margin. */
  readonly gamma: number;
  /** Assumed share of flipped labels. */
  readonly labelSmoothing: number;
  /** ORPO's weight of the odds-ratio term. */
  readonly lambda: number;
  /** DiscoPOP's temperature. */
  readonly tau: number;
}

/** What a loss needs of a batch, and what it is tuned by unless told otherwise. */
interface PairLossEntry {
  readonly reference: boolean;
  /** Compares log-probabilities per token rather than per completion. */
  readonly lengthNormalised: boolean;
  /** Also scores the prompt of the chosen sequence. */
  readonly promptToo?: true;
  readonly defaults: Partial<PairHyperparameters>;
  readonly source: string;
}

const withReference = { reference: true, lengthNormalised: false } as const;
const trl = "TRL's default";

export const pairLosses: Readonly<Record<PairLossName, PairLossEntry>> = {
  sigmoid: { ...withReference, defaults: { beta: 0.1 }, source: "Rafailov et al. 2023, appendix B" },
  cdpo: { ...withReference, defaults: { beta: 0.1, labelSmoothing: 0.1 }, source: "Mitchell 2023; ε as in rDPO" },
  robust: {
    ...withReference,
    defaults: { beta: 0.1, labelSmoothing: 0.1 },
    source: "Chowdhury, Kini & Natarajan 2024 (rDPO)",
  },
  ipo: { reference: true, lengthNormalised: true, defaults: { beta: 0.1 }, source: "Azar et al. 2023; TRL's form" },
  ipo_original: { ...withReference, defaults: { beta: 0.1 }, source: "Azar et al. 2023, eq. 17" },
  hinge: { ...withReference, defaults: { beta: 0.1 }, source: `Zhao et al. 2023 (SLiC-HF); ${trl}` },
  sigmoid_norm: {
    reference: true,
    lengthNormalised: true,
    defaults: { beta: 5 },
    source: "Lambert et al. 2024 (Tülu 3)",
  },
  bco_pair: { ...withReference, defaults: { beta: 0.1 }, source: `Jung et al. 2024; ${trl}` },
  nca_pair: { ...withReference, defaults: { beta: 0.1 }, source: `Chen et al. 2024; ${trl}` },
  apo_zero: { ...withReference, defaults: { beta: 0.1 }, source: "D'Oosterlinck et al. 2024" },
  apo_down: { ...withReference, defaults: { beta: 0.1 }, source: "D'Oosterlinck et al. 2024" },
  sppo_hard: { ...withReference, defaults: { beta: 0.1 }, source: `Wu et al. 2024; ${trl}` },
  exo_pair: { ...withReference, defaults: { beta: 0.1, labelSmoothing: 1e-3 }, source: "Ji et al. 2024" },
  discopop: { ...withReference, defaults: { beta: 0.05, tau: 0.05 }, source: "Lu et al. 2024" },
  cpo: { reference: false, lengthNormalised: false, defaults: { beta: 0.1 }, source: `Xu et al. 2024; ${trl}` },
  simpo: {
    reference: false,
    lengthNormalised: true,
    defaults: { beta: 2.5, gamma: 1.375 },
    source: "Meng, Xia & Chen 2024, β 2.5 and γ/β 0.55",
  },
  orpo: {
    reference: false,
    lengthNormalised: true,
    promptToo: true,
    defaults: { lambda: 0.1 },
    source: `Hong, Lee & Thorne 2024; ${trl}`,
  },
  sft: { reference: false, lengthNormalised: true, defaults: {}, source: "next-token prediction" },
};

/** What stands for a hyperparameter that a loss does not use. */
const unused: PairHyperparameters = { beta: 1, gamma: 0, labelSmoothing: 0, lambda: 1, tau: 1 };

/** A loss's hyperparameters: its defaults, and what was asked for instead. */
export function pairHyperparameters(
  name: PairLossName,
  asked: { readonly [K in keyof PairHyperparameters]?: number | undefined },
): PairHyperparameters {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  return { ...unused, ...pairLosses[name].defaults, ...given };
}
