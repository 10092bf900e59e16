/** A sentence of the document with what stands between backticks as code. */
export function Inline({ children }: { children: string }) {
  return children.split("`").map((part, i) =>
    // Every second part was between two of them.
    i % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence never move
      <code key={i} className="text-[0.92em]">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
