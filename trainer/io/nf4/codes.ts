const { fround } = Math;

/** NF4's sixteen values (Dettmers et al. 2023, appendix E), in order: quantiles of the normal distribution, and 0 exactly. */
export const nf4Values = Float32Array.of(
  -1,
  -0.6961928009986877,
  -0.5250730514526367,
  -0.39491748809814453,
  -0.28444138169288635,
  -0.18477343022823334,
  -0.09105003625154495,
  0,
  0.07958029955625534,
  0.16093020141124725,
  0.24611230194568634,
  0.33791524171829224,
  0.44070982933044434,
  0.5626170039176941,
  0.7229568362236023,
  1,
);

/** Weights that share one scale, and scales that share one. */
export const [blockSize, nestedBlockSize] = [64, 256];

/**
 * The signed 8-bit dynamic type that scales are stored in (Dettmers 2016; 2022, section 1.3): seven decades, of which each
 * larger one has twice the values, evenly spaced; 0; and 1. In order, in float32 step by step as bitsandbytes has it.
 */
export function dynamicValues(): Float32Array {
  const values = [0, 1];
  for (let decade = 0; decade < 7; decade++) {
    const n = 2 ** decade;
    const scale = fround(10 ** (decade - 6));
    const bounds = linearSpace(n + 1);
    for (let i = 0; i < n; i++) {
      const mean = fround(fround((bounds[i] as number) + (bounds[i + 1] as number)) / 2);
      const value = fround(scale * mean);
      values.push(value, -value);
    }
  }
  return Float32Array.from(values.sort((a, b) => a - b));
}

/** `n` numbers from 0.1 to 1, counted from both ends and rounded once each. */
function linearSpace(n: number): number[] {
  const [start, end] = [fround(0.1), 1];
  const step = fround(fround(end - start) / (n - 1));
  return Array.from({ length: n }, (_, i) => (i < n / 2 ? fround(start + step * i) : fround(end - step * (n - 1 - i))));
}

/** Half-way between neighbours: what is larger than bound i becomes value i + 1 or a later one. */
export const boundsBetween = (values: Float32Array): Float32Array =>
  Float32Array.from({ length: values.length - 1 }, (_, i) => {
    const sum = fround((values[i] as number) + (values[i + 1] as number));
    return sum / 2;
  });
