import { Arrow, Block, Label, Picture } from "./parts";

interface Words {
  readonly text: string;
  readonly model: string;
}

const [token, gap] = [18, 4];
const shown = 4;

/** Trained embeddings stand before the embeddings of the text; the model sees one row of them. */
export function PromptPicture({ label, tokens, words }: { label: string; tokens: number; words: Words }) {
  const at = (i: number) => 14 + i * (token + gap);
  const afterTrained = at(shown) + 8;
  return (
    <Picture label={label} height={136}>
      <Block x={10} y={12} width={300} height={38}>
        {words.model}
      </Block>
      {Array.from({ length: shown }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never move
        <g key={i}>
          <Block x={at(i)} y={76} width={token} height={token} trained />
          <Arrow from={[at(i) + token / 2, 72]} to={[at(i) + token / 2, 54]} quiet />
        </g>
      ))}
      {Array.from({ length: 8 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never move
        <g key={i}>
          <Block x={afterTrained + i * (token + gap)} y={76} width={token} height={token} />
          <Arrow
            from={[afterTrained + i * (token + gap) + token / 2, 72]}
            to={[afterTrained + i * (token + gap) + token / 2, 54]}
            quiet
          />
        </g>
      ))}
      <Label x={at(0)} y={116}>{`V = ${tokens}`}</Label>
      <Label x={afterTrained} y={116} quiet>
        {words.text}
      </Label>
    </Picture>
  );
}

/** In each layer trained keys and values stand before those of the text, which look at them as at any other. */
export function PrefixPicture({
  label,
  tokens,
  layers,
  words,
}: {
  label: string;
  tokens: number;
  layers: number;
  words: Words & { layer: (number: number) => string };
}) {
  const rows = Math.min(3, layers);
  const rowHeight = 44;
  const start = 70;
  return (
    <Picture label={label} height={rows * rowHeight + 44}>
      {Array.from({ length: rows }, (_, row) => {
        const y = 10 + row * rowHeight;
        const last = row === rows - 1;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: they never move
          <g key={row}>
            <Label x={4} y={y + 20} quiet>
              {words.layer(last ? 1 : layers - row)}
            </Label>
            {["K", "V"].map((name, i) => (
              <g key={name}>
                <Block x={start} y={y + i * 17} width={64} height={14} trained />
                <Block x={start + 70} y={y + i * 17} width={160} height={14} />
                <Label x={start + 240} y={y + i * 17 + 11} quiet>
                  {name}
                </Label>
              </g>
            ))}
          </g>
        );
      })}
      <Label x={start} y={rows * rowHeight + 22}>{`V = ${tokens}`}</Label>
      <Label x={start + 70} y={rows * rowHeight + 22} quiet>
        {words.text}
      </Label>
    </Picture>
  );
}
