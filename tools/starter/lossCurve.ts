import type { RunEvent } from "@/trainer/contracts/runEvent";

const [width, height, left, bottom, top] = [720, 360, 56, 40, 16];

interface Point {
  readonly step: number;
  readonly loss: number;
}

/** Each step's loss as the mean of the 20 around it. */
function smoothed(points: readonly Point[]): Point[] {
  return points.map(({ step }, i) => {
    const near = points.slice(Math.max(0, i - 10), i + 10);
    return { step, loss: near.reduce((sum, p) => sum + p.loss, 0) / near.length };
  });
}

/** Loss in nats a token over the steps of a run, training (smoothed) and held out, as an SVG. Repeated steps count once. */
export function lossCurve(events: readonly RunEvent[]): string {
  const byStep = (pick: (event: RunEvent) => Point | null) => {
    const found = new Map(events.flatMap((e) => pick(e) ?? []).map((p) => [p.step, p]));
    return [...found.values()].sort((a, b) => a.step - b.step);
  };
  const training = smoothed(
    byStep((e) => (e.type === "step" ? { step: e.step, loss: e.metrics.loss ?? Number.NaN } : null)),
  );
  const heldOut = byStep((e) =>
    e.type === "eval" && e.step > 0 ? { step: e.step, loss: e.metrics.eval_loss ?? Number.NaN } : null,
  );
  const all = [...training, ...heldOut];
  const last = Math.max(1, ...all.map((p) => p.step));
  const [low, high] = [
    Math.floor(Math.min(...all.map((p) => p.loss)) * 2) / 2,
    Math.min(6, Math.max(...all.map((p) => p.loss))),
  ];
  const x = (step: number) => left + ((width - left - 16) * step) / last;
  const y = (loss: number) => top + ((height - top - bottom) * (high - Math.min(loss, high))) / (high - low);
  const path = (points: readonly Point[]) =>
    points.map((p) => `${x(p.step).toFixed(1)},${y(p.loss).toFixed(1)}`).join(" ");
  const ticks = Array.from({ length: Math.floor((high - low) * 2) + 1 }, (_, i) => low + i / 2);
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * last));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
${ticks.map((t) => `<path d="M${left} ${y(t).toFixed(1)}H${width - 16}" stroke="#ddd"/><text x="${left - 8}" y="${(y(t) + 4).toFixed(1)}" text-anchor="end" fill="#555">${t.toFixed(1)}</text>`).join("\n")}
${steps.map((s) => `<text x="${x(s).toFixed(1)}" y="${height - 18}" text-anchor="middle" fill="#555">${s}</text>`).join("\n")}
<polyline points="${path(training)}" fill="none" stroke="#8a8f98" stroke-width="1.5"/>
<polyline points="${path(heldOut)}" fill="none" stroke="#3457d5" stroke-width="2"/>
<text x="${width - 16}" y="${top + 12}" text-anchor="end" fill="#8a8f98">training (mean of 20 steps)</text>
<text x="${width - 16}" y="${top + 28}" text-anchor="end" fill="#3457d5">held out</text>
<text x="${left}" y="${height - 2}" fill="#555">step; loss in nats a token</text>
</svg>
`;
}
