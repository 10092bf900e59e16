"use client";
import { useFormatter, useTranslations } from "next-intl";
import { type KeyboardEvent, useId, useState } from "react";
import { DetailsTable } from "@/app/_ui/DetailsTable";
import { fullHeat, heatOf, type TokenDifference, totalDifference } from "./tokenDifferences";

interface Props {
  tokens: readonly TokenDifference[];
  /** What the two models are called. */
  base: string;
  tuned: string;
}

/** Blue above, orange below, which every common colour vision tells apart; the line above or below says it without colour. */
function heatStyle(heat: number) {
  if (heat === 0) return undefined;
  const colour = heat > 0 ? "var(--chart-1)" : "var(--chart-2)";
  return {
    backgroundColor: `color-mix(in oklab, ${colour} ${Math.round(Math.abs(heat) * 40)}%, transparent)`,
    boxShadow: `inset 0 ${heat > 0 ? 2 : -2}px 0 ${colour}`,
  };
}

/** Stands for a line break, in every font. */
const lineBreak = "¶";

const step: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** An answer whose tokens are coloured by how much likelier one model finds them than another. */
export function TokenStrip({ tokens, base, tuned }: Props) {
  const t = useTranslations("playground.tokens");
  const common = useTranslations("common");
  const format = useFormatter();
  const id = useId();
  const [active, setActive] = useState(0);
  const signed = (value: number) =>
    format.number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" });
  const nameOf = ({ text }: TokenDifference, i: number) =>
    text !== "" ? text.replaceAll("\n", lineBreak) : i === tokens.length - 1 ? t("endOfText") : t("partOfCharacter");
  const total = totalDifference(tokens);

  function onKeyDown(event: KeyboardEvent) {
    const to = event.key === "Home" ? 0 : event.key === "End" ? tokens.length - 1 : active + (step[event.key] ?? 0);
    if (to === active || to < 0 || to >= tokens.length) return;
    event.preventDefault();
    setActive(to);
  }

  const at = tokens[active] as TokenDifference;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p>
        {t("total", {
          base,
          tuned,
          total: format.number(Math.abs(total), { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
          sign: total < 0 ? "less" : "more",
        })}
      </p>
      <div
        role="listbox"
        aria-label={t("strip", { base, tuned })}
        aria-activedescendant={`${id}-${active}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="max-w-[80ch] rounded-md border border-line p-3 text-[15px] leading-8 break-words whitespace-pre-wrap"
      >
        {tokens.map((token, i) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the text
            key={i}
            id={`${id}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === active}
            aria-label={`${nameOf(token, i)} ${signed(token.difference)}`}
            onPointerEnter={() => setActive(i)}
            onFocus={() => setActive(i)}
            style={heatStyle(heatOf(token.difference))}
            className="rounded-[3px] py-1 aria-selected:outline-2 aria-selected:outline-ink"
          >
            {token.text.replaceAll("\n", `${lineBreak}\n`) || (
              <span className="px-0.5 text-[12px] text-muted">{nameOf(token, i)}</span>
            )}
          </span>
        ))}
      </div>
      <p role="status" className="tabular min-h-10 sm:min-h-5">
        {t.rich("detail", {
          token: () => (
            <code className="rounded-sm bg-sunken px-1 font-mono text-[13px] whitespace-pre">{nameOf(at, active)}</code>
          ),
          base,
          tuned,
          baseLogProb: signed(at.base),
          tunedLogProb: signed(at.tuned),
          difference: signed(at.difference),
          ratio: format.number(Math.exp(at.difference), { maximumSignificantDigits: 2 }),
        })}
      </p>
      <Legend />
      <DetailsTable
        summary={common("showAsTable")}
        label={t("table")}
        head={[t("token"), base, tuned, t("difference")]}
        rows={() =>
          tokens.map((token, i) => [
            <code key="token" className="font-mono text-[13px] whitespace-pre">
              {nameOf(token, i)}
            </code>,
            signed(token.base),
            signed(token.tuned),
            signed(token.difference),
          ])
        }
      />
    </div>
  );
}

function Legend() {
  const t = useTranslations("playground.tokens");
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px] text-muted">
      <span>{t("lessLikely", { nats: fullHeat })}</span>
      <span aria-hidden className="inline-flex overflow-hidden rounded-sm border border-line">
        {[-1, -0.5, 0, 0.5, 1].map((heat) => (
          <span key={heat} className="h-5 w-8" style={heatStyle(heat)} />
        ))}
      </span>
      <span>{t("moreLikely", { nats: fullHeat })}</span>
    </div>
  );
}
