/** The formulas of the page in TeX; rendered on the server, so that no browser loads a renderer. */
const tex = {
  "reward.objective": String.raw`\mathcal{L}_{\mathrm{RM}} = -\,p\,\log\sigma(r_w - r_l) \;-\; (1-p)\,\log\sigma(r_l - r_w) \;+\; k\,(r_w + r_l)^2`,
  "reward.term.reward": String.raw`r_w,\; r_l`,
  "reward.term.sigma": String.raw`\sigma(r_w - r_l)`,
  "reward.term.label": "p",
  "reward.term.centre": String.raw`k\,(r_w + r_l)^2`,
  "reward.step.chosen": "r_w = r(x, y_w)",
  "reward.step.rejected": "r_l = r(x, y_l)",
  "reward.step.margin": "r_w - r_l",
  "reward.step.probability": String.raw`\sigma(r_w - r_l)`,
  "reward.step.centre": String.raw`k\,(r_w + r_l)^2`,
  "reward.step.loss": String.raw`\mathcal{L}_{\mathrm{RM}}`,

  "ppo.objective": String.raw`J(\theta) = \mathbb{E}_{x,\; y \sim \pi_\theta}\bigl[\, r(x, y) \,\bigr] \;-\; \beta\,\mathrm{KL}\bigl[\, \pi_\theta(\cdot \mid x) \,\|\, \pi_{\mathrm{ref}}(\cdot \mid x) \,\bigr]`,
  "ppo.clipped": String.raw`L^{\mathrm{clip}} = \mathbb{E}_t\bigl[\min\bigl(\rho_t A,\; \mathrm{clip}(\rho_t,\, 1-\varepsilon,\, 1+\varepsilon)\, A\bigr)\bigr], \qquad \rho_t = \frac{\pi_\theta(y_t)}{\pi_{\mathrm{old}}(y_t)}`,
  "ppo.term.expectation": String.raw`\mathbb{E}_{x,\; y \sim \pi_\theta}`,
  "ppo.term.reward": "r(x, y)",
  "ppo.term.kl": String.raw`\beta\,\mathrm{KL}[\pi_\theta \| \pi_{\mathrm{ref}}]`,
  "ppo.term.ratio": String.raw`\rho_t`,
  "ppo.term.clip": String.raw`\mathrm{clip}(\rho_t, 1-\varepsilon, 1+\varepsilon)`,
  "ppo.term.advantage": "A",
  "ppo.step.reward": "r(x, y_w)",
  "ppo.step.logRatio": String.raw`\log\tfrac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)}`,
  "ppo.step.penalty": String.raw`\beta \log\tfrac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)}`,
  "ppo.step.shaped": "R_w",
  "ppo.step.other": "R_l",
  "ppo.step.advantage": String.raw`A = R_w - \tfrac{1}{2}(R_w + R_l)`,
  "ppo.step.ratio": String.raw`\rho_t`,
  "ppo.step.clipped": String.raw`\min(\rho_t A,\, \mathrm{clip}(\rho_t) A)`,
  "ppo.step.objective": String.raw`L^{\mathrm{clip}}`,

  "dpo.objective": String.raw`\mathcal{L}_{\mathrm{DPO}} = -\log\sigma\!\left( \beta\log\frac{\pi_\theta(y_w \mid x)}{\pi_{\mathrm{ref}}(y_w \mid x)} \;-\; \beta\log\frac{\pi_\theta(y_l \mid x)}{\pi_{\mathrm{ref}}(y_l \mid x)} \right)`,
  "dpo.term.policy": String.raw`\pi_\theta(y \mid x)`,
  "dpo.term.reference": String.raw`\pi_{\mathrm{ref}}(y \mid x)`,
  "dpo.term.implicit": String.raw`\beta\log\tfrac{\pi_\theta}{\pi_{\mathrm{ref}}}`,
  "dpo.term.beta": String.raw`\beta`,
  "dpo.term.sigma": String.raw`-\log\sigma(\cdot)`,
  "dpo.step.implicitChosen": String.raw`\hat r_w = \beta\log\tfrac{\pi_\theta(y_w)}{\pi_{\mathrm{ref}}(y_w)}`,
  "dpo.step.implicitRejected": String.raw`\hat r_l = \beta\log\tfrac{\pi_\theta(y_l)}{\pi_{\mathrm{ref}}(y_l)}`,
  "dpo.step.margin": String.raw`\hat r_w - \hat r_l`,
  "dpo.step.probability": String.raw`\sigma(\hat r_w - \hat r_l)`,
  "dpo.step.loss": String.raw`\mathcal{L}_{\mathrm{DPO}}`,
} as const;

export type FormulaKey = keyof typeof tex;
/** Markup of each formula. */
export type Formulas = Readonly<Record<FormulaKey, string>>;
export type Section = "reward" | "ppo" | "dpo";

/** Terms and steps of a section in the order in which they are told. */
export const keysOf = (section: Section, part: "term" | "step"): readonly string[] =>
  Object.keys(tex)
    .filter((key) => key.startsWith(`${section}.${part}.`))
    .map((key) => key.slice(`${section}.${part}.`.length));

/** `render`: TeX to markup. Objectives stand on lines of their own. */
export function renderFormulas(render: (tex: string, display: boolean) => string): Formulas {
  const entries = Object.entries(tex).map(([key, source]) => [key, render(source, key.split(".").length === 2)]);
  return Object.fromEntries(entries) as Formulas;
}
