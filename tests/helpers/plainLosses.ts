import type { PairHyperparameters, PairLossName } from "@/trainer/contracts/losses";

/** One pair in plain numbers. `meanLength` etc. are the batch's. */
export interface PlainPair {
  readonly chosen: number;
  readonly rejected: number;
  readonly refChosen: number;
  readonly refRejected: number;
  readonly lengthChosen: number;
  readonly lengthRejected: number;
  readonly meanLength: number;
  /** Log-probability of the prompt's tokens and mean length of prompt and completion. */
  readonly prompt: number;
  readonly meanSequence: number;
}

const sigma = (x: number) => 1 / (1 + Math.exp(-x));
const logSigma = (x: number) => (x < 0 ? x - Math.log1p(Math.exp(x)) : -Math.log1p(Math.exp(-x)));
const log1mexp = (a: number) => (a > -Math.LN2 ? Math.log(-Math.expm1(a)) : Math.log1p(-Math.exp(a)));

/** The losses as the papers print them, in double precision: the peer of trainer/objectives. */
export const plainLosses: Record<PairLossName, (p: PlainPair, h: PairHyperparameters) => number> = {
  sigmoid: (p, { beta }) => -logSigma(beta * delta(p)),
  cdpo: (p, { beta, labelSmoothing: e }) => -(1 - e) * logSigma(beta * delta(p)) - e * logSigma(-beta * delta(p)),
  robust: (p, { beta, labelSmoothing: e }) =>
    (-(1 - e) * logSigma(beta * delta(p)) + e * logSigma(-beta * delta(p))) / (1 - 2 * e),
  ipo: (p, { beta }) => (c(p) / p.lengthChosen - r(p) / p.lengthRejected - 1 / (2 * beta)) ** 2,
  ipo_original: (p, { beta }) => (delta(p) - 1 / (2 * beta)) ** 2,
  hinge: (p, { beta }) => Math.max(0, 1 - beta * delta(p)),
  sigmoid_norm: (p, { beta }) => -logSigma(beta * (c(p) / p.lengthChosen - r(p) / p.lengthRejected)),
  bco_pair: (p, { beta }) => -logSigma(beta * c(p)) - logSigma(-beta * r(p)),
  nca_pair: (p, { beta }) => -logSigma(beta * c(p)) - 0.5 * logSigma(-beta * c(p)) - 0.5 * logSigma(-beta * r(p)),
  apo_zero: (p, { beta }) => 1 - sigma(beta * c(p)) + sigma(beta * r(p)),
  apo_down: (p, { beta }) => sigma(beta * c(p)) + 1 - sigma(beta * delta(p)),
  sppo_hard: (p, { beta }) => (c(p) - 1 / (2 * beta)) ** 2 + (r(p) + 1 / (2 * beta)) ** 2,
  exo_pair: (p, { beta, labelSmoothing: e }) => {
    const q = sigma(beta * delta(p));
    return q * Math.log(q / (1 - e)) + (1 - q) * Math.log((1 - q) / e);
  },
  discopop: (p, { beta, tau }) => {
    const m = beta * delta(p);
    const share = sigma(m / tau);
    return (1 - share) * -logSigma(m) + share * Math.exp(-m);
  },
  cpo: (p, { beta }) => -logSigma(beta * (p.chosen - p.rejected)),
  simpo: (p, { beta, gamma }) => -logSigma(beta * (p.chosen / p.lengthChosen - p.rejected / p.lengthRejected) - gamma),
  orpo: (p, { lambda }) => {
    const [w, l] = [p.chosen / p.lengthChosen, p.rejected / p.lengthRejected];
    const nll = -(p.prompt + p.chosen) / p.meanSequence;
    return nll - lambda * logSigma(w - l - (log1mexp(w) - log1mexp(l)));
  },
  sft: (p) => -p.chosen / p.meanLength,
};

const c = (p: PlainPair) => p.chosen - p.refChosen;
const r = (p: PlainPair) => p.rejected - p.refRejected;
const delta = (p: PlainPair) => c(p) - r(p);
