import { Arrow, Block, Label, Picture, pictureWidth } from "./parts";

interface Sizes {
  readonly input: number;
  readonly output: number;
  readonly rank: number;
}

interface Props extends Sizes {
  label: string;
}

/** Matrices in their true proportions: `scale` units a number, and nothing thinner than can be seen. */
function scaled({ input, output, rank }: Sizes, longest: number) {
  const scale = longest / Math.max(input, output);
  return { wide: input * scale, high: output * scale, thin: Math.max(4, rank * scale) };
}

/** W, all of it trained. */
export function FullPicture({ label, input, output }: Omit<Props, "rank">) {
  const { wide, high } = scaled({ input, output, rank: 1 }, 130);
  const x = (pictureWidth - wide) / 2;
  return (
    <Picture label={label} height={high + 50}>
      <Label x={pictureWidth / 2} y={14} anchor="middle" quiet>
        {`${output} × ${input}`}
      </Label>
      <Block x={x} y={24} width={wide} height={high} trained>
        W
      </Block>
    </Picture>
  );
}

/** W stays; B and A, whose product is as large as W, are trained beside it. */
export function LoraPicture({ label, scale, ...sizes }: Props & { scale: string }) {
  const { wide, high, thin } = scaled(sizes, 100);
  const top = 24;
  const middle = top + high / 2;
  const b = wide + 62;
  return (
    <Picture label={label} height={Math.max(high, thin) + 50}>
      <Label x={10 + wide / 2} y={14} anchor="middle" quiet>
        {`${sizes.output} × ${sizes.input}`}
      </Label>
      <Block x={10} y={top} width={wide} height={high}>
        W
      </Block>
      <Label x={10 + wide + 24} y={middle + 4} anchor="middle">
        {`+ ${scale}`}
      </Label>
      <Block x={b} y={top} width={thin} height={high} trained />
      <Label x={b + thin / 2} y={top + high + 16} anchor="middle">
        B
      </Label>
      <Block x={b + thin + 10} y={middle - thin / 2} width={wide} height={thin} trained />
      <Label x={b + thin + 10 + wide / 2} y={middle + thin / 2 + 16} anchor="middle">
        A
      </Label>
      <Label x={b + thin + 10 + wide / 2} y={middle - thin / 2 - 6} anchor="middle" quiet>
        {`r = ${sizes.rank}`}
      </Label>
    </Picture>
  );
}

/** How strongly the product counts, against the rank: α/r falls fast, α/√r slowly. */
export function RsLoraPicture({ label, alpha, rank }: { label: string; alpha: number; rank: number }) {
  const [left, right, top, bottom] = [34, 300, 12, 120];
  const most = alpha;
  const at = (r: number, value: number): [number, number] => [
    left + (Math.log2(r) / 6) * (right - left),
    bottom - (value / most) * (bottom - top),
  ];
  const ranks = Array.from({ length: 25 }, (_, i) => 2 ** (i / 4));
  const line = (of: (r: number) => number) => ranks.map((r) => at(r, of(r)).join(",")).join(" ");
  const plain = at(rank, alpha / rank);
  const rooted = at(rank, alpha / Math.sqrt(rank));
  return (
    <Picture label={label} height={150}>
      <polyline
        points={`${left},${top} ${left},${bottom} ${right},${bottom}`}
        fill="none"
        className="stroke-line-strong"
      />
      <polyline
        points={line((r) => alpha / r)}
        fill="none"
        strokeDasharray="4 3"
        className="stroke-muted"
        strokeWidth={1.5}
      />
      <polyline points={line((r) => alpha / Math.sqrt(r))} fill="none" className="stroke-accent" strokeWidth={1.75} />
      <circle cx={plain[0]} cy={plain[1]} r={3} className="fill-muted" />
      <circle cx={rooted[0]} cy={rooted[1]} r={3} className="fill-accent" />
      <Label x={at(16, 0)[0]} y={rooted[1] - 12} quiet>{`α/√r`}</Label>
      <Label x={at(2.4, 0)[0]} y={at(3, alpha / 3)[1] + 18} anchor="end" quiet>{`α/r`}</Label>
      {[1, 4, 16, 64].map((r) => (
        <Label key={r} x={at(r, 0)[0]} y={bottom + 15} anchor="middle" quiet>
          {String(r)}
        </Label>
      ))}
      <Label x={right} y={bottom + 28} anchor="end" quiet>
        r
      </Label>
    </Picture>
  );
}

/** A row of W as an arrow: its length is trained on its own, its direction by a LoRA. */
export function DoraPicture({ label, words }: { label: string; words: Record<"length" | "direction", string> }) {
  const [x, y] = [60, 118];
  return (
    <Picture label={label} height={140}>
      <circle cx={x} cy={y} r={78} fill="none" strokeDasharray="3 3" className="stroke-line-strong" />
      <circle cx={x} cy={y} r={104} fill="none" strokeDasharray="3 3" className="stroke-accent" />
      <rect x={0} y={y + 1} width={pictureWidth} height={40} className="fill-surface" />
      <rect x={0} y={0} width={x - 1} height={140} className="fill-surface" />
      <Arrow from={[x, y]} to={[x + 70, y - 34]} quiet />
      <Arrow from={[x, y]} to={[x + 66, y - 80]} />
      <Label x={x + 78} y={y - 30} quiet>
        W
      </Label>
      <Label x={x + 74} y={y - 84}>
        {words.length}
      </Label>
      <path
        d={`M ${x + 50} ${y - 24} A 56 56 0 0 0 ${x + 36} ${y - 43}`}
        fill="none"
        className="stroke-accent"
        strokeWidth={2}
      />
      <Label x={x + 108} y={y - 6}>
        {words.direction}
      </Label>
      <line x1={x + 46} y1={y - 33} x2={x + 104} y2={y - 12} className="stroke-line-strong" />
    </Picture>
  );
}

/** W in its main directions, which are trained, and the rest, which stays. */
export function PissaPicture({ label, rest, ...sizes }: Props & { rest: string }) {
  const { wide, high, thin } = scaled(sizes, 74);
  const top = 24;
  const middle = top + high / 2;
  const b = 10 + wide + 26;
  const a = b + thin + 8;
  const r = a + wide + 26;
  return (
    <Picture label={label} height={high + 50}>
      <Block x={10} y={top} width={wide} height={high}>
        W
      </Block>
      <Label x={10 + wide + 13} y={middle + 4} anchor="middle">
        =
      </Label>
      <Block x={b} y={top} width={thin} height={high} trained />
      <Label x={b + thin / 2} y={top + high + 16} anchor="middle">
        U√S
      </Label>
      <Block x={a} y={middle - thin / 2} width={wide} height={thin} trained />
      <Label x={a + wide / 2} y={middle + thin / 2 + 16} anchor="middle">
        √S·V
      </Label>
      <Label x={a + wide + 13} y={middle + 4} anchor="middle">
        +
      </Label>
      <Block x={r} y={top} width={Math.min(wide, pictureWidth - r - 4)} height={high}>
        {rest}
      </Block>
    </Picture>
  );
}

/** Steps of the two matrices: B's are so many times longer. */
export function LoraPlusPicture({ label, ratio }: { label: string; ratio: number }) {
  const step = 14;
  return (
    <Picture label={label} height={96}>
      <Block x={10} y={20} width={24} height={24} trained>
        A
      </Block>
      <Arrow from={[44, 32]} to={[44 + step, 32]} />
      <Label x={44 + step + 8} y={36} quiet>
        η
      </Label>
      <Block x={10} y={56} width={24} height={24} trained>
        B
      </Block>
      <Arrow from={[44, 68]} to={[44 + step * ratio, 68]} />
      <Label x={44 + step * ratio + 6} y={72} quiet>
        {`${ratio}η`}
      </Label>
    </Picture>
  );
}

/** NF4's levels of the positive side and the negative one, to three digits (Dettmers et al. 2023, appendix E). */
const levels = [
  -1, -0.696, -0.525, -0.395, -0.284, -0.185, -0.091, 0, 0.08, 0.161, 0.246, 0.338, 0.441, 0.563, 0.723, 1,
];

/** The sixteen numbers that a weight in 4 bits can be, under the bell of those it may have been. */
export function QloraPicture({ label }: { label: string }) {
  const [left, right, bottom] = [16, 304, 92];
  const at = (x: number) => (left + right) / 2 + (x * (right - left)) / 2;
  const bell = Array.from({ length: 61 }, (_, i) => {
    const x = -1 + i / 30;
    return `${at(x)},${bottom - 74 * Math.exp(-(x * x) / 0.32)}`;
  });
  return (
    <Picture label={label} height={124}>
      <polyline points={bell.join(" ")} fill="none" strokeDasharray="3 3" className="stroke-line-strong" />
      <line x1={left} y1={bottom} x2={right} y2={bottom} className="stroke-line-strong" />
      {levels.map((level) => (
        <line
          key={level}
          x1={at(level)}
          y1={bottom - 14}
          x2={at(level)}
          y2={bottom + 2}
          className="stroke-ink"
          strokeWidth={1.5}
        />
      ))}
      {[-1, 0, 1].map((x) => (
        <Label key={x} x={at(x)} y={bottom + 20} anchor="middle" quiet>
          {String(x)}
        </Label>
      ))}
    </Picture>
  );
}
