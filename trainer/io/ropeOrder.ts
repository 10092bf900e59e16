/**
 * Rows of a query or key projection whose RoPE turns neighbours (llama2.c, GGUF's llama) in the order of one that turns
 * halves (Hugging Face): row 2i of a head goes to i, row 2i + 1 to i + half. Of a bias each number is a row.
 */
export function neighboursToHalves(data: Float32Array, width: number, headSize: number): Float32Array {
  const out = new Float32Array(data.length);
  const half = headSize / 2;
  for (let row = 0; row < data.length / width; row++) {
    const [head, k] = [Math.floor(row / headSize) * headSize, row % headSize];
    const to = head + (k % 2) * half + Math.floor(k / 2);
    out.set(data.subarray(row * width, (row + 1) * width), to * width);
  }
  return out;
}
