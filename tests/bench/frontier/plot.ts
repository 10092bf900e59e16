/** A policy in the picture: the mean over seeds. */
export interface PlottedPoint {
  readonly family: string;
  readonly label: string;
  readonly kl: number;
  readonly reward: number;
  readonly low: number;
  readonly high: number;
}

const size = { width: 760, height: 460, left: 64, right: 190, top: 24, bottom: 52 };
const colours = ["#2f6fdb", "#c2410c", "#15803d", "#7c3aed", "#b45309", "#0e7490", "#be185d", "#4d7c0f", "#525252"];

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const ticks = (low: number, high: number, wanted: number): number[] => {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((n) => n * power >= raw) ?? 10) * power;
  const from = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - from + 1 }, (_, i) => Number(((from + i) * step).toFixed(6)));
};

/** Reward against KL, a line for each family, bars for the 95 % intervals. Readable on a light and on a dark page. */
export function frontierSvg(points: readonly PlottedPoint[], caption: string): string {
  const [mostKl, most] = [Math.max(1, ...points.map((p) => p.kl)) * 1.05, Math.max(...points.map((p) => p.high))];
  const least = Math.min(...points.map((p) => p.low));
  const [inner, tall] = [size.width - size.left - size.right, size.height - size.top - size.bottom];
  const x = (kl: number) => size.left + (Math.max(0, kl) / mostKl) * inner;
  const y = (reward: number) => size.top + tall - ((reward - least) / (most - least || 1)) * tall;
  const families = [...new Set(points.map((p) => p.family))];
  const n = (value: number) => value.toFixed(1);
  const grid = [
    ...ticks(0, mostKl, 8).map(
      (kl) =>
        `<line x1="${n(x(kl))}" x2="${n(x(kl))}" y1="${size.top}" y2="${size.top + tall}" class="grid"/><text x="${n(x(kl))}" y="${size.top + tall + 18}" text-anchor="middle">${kl}</text>`,
    ),
    ...ticks(least, most, 6).map(
      (r) =>
        `<line x1="${size.left}" x2="${size.left + inner}" y1="${n(y(r))}" y2="${n(y(r))}" class="grid"/><text x="${size.left - 8}" y="${n(y(r) + 4)}" text-anchor="end">${r}</text>`,
    ),
  ];
  const drawn = families.map((family, f) => {
    const own = points.filter((p) => p.family === family).sort((a, b) => a.kl - b.kl);
    const colour = colours[f % colours.length];
    const path = own.map((p, i) => `${i === 0 ? "M" : "L"}${n(x(p.kl))} ${n(y(p.reward))}`).join(" ");
    const marks = own.map(
      (p) =>
        `<line x1="${n(x(p.kl))}" x2="${n(x(p.kl))}" y1="${n(y(p.low))}" y2="${n(y(p.high))}" stroke="${colour}"/><circle cx="${n(x(p.kl))}" cy="${n(y(p.reward))}" r="4" fill="${colour}"><title>${escaped(`${family}, ${p.label}: ${p.reward.toFixed(2)} at ${p.kl.toFixed(2)} nats`)}</title></circle>`,
    );
    const key = size.top + 12 + 20 * f;
    const legend = `<circle cx="${size.left + inner + 20}" cy="${key - 4}" r="4" fill="${colour}"/><text x="${size.left + inner + 32}" y="${key}">${escaped(family)}</text>`;
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-opacity="0.5"/>${marks.join("")}${legend}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" font-family="sans-serif" font-size="12">
<title>${escaped(caption)}</title>
<style>.grid{stroke:#8888;stroke-width:0.5}text{fill:#555}rect{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#bbb}rect{fill:#161616}}</style>
<rect width="${size.width}" height="${size.height}"/>
${grid.join("\n")}
${drawn.join("\n")}
<text x="${size.left + inner / 2}" y="${size.height - 12}" text-anchor="middle">KL to the starter, nats an answer</text>
<text transform="rotate(-90 16 ${size.top + tall / 2})" x="16" y="${size.top + tall / 2}" text-anchor="middle">warmth by the rule</text>
</svg>
`;
}
