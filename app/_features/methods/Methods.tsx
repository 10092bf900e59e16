"use client";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { nf4Bytes } from "@/trainer/contracts/adapter";
import { type AdapterKind, adapterKinds, adapterOf } from "@/trainer/contracts/adapterKinds";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import { useFigures } from "../runs/useFigures";
import { PrefixPicture, PromptPicture } from "./beforeTextPictures";
import {
  DoraPicture,
  FullPicture,
  LoraPicture,
  LoraPlusPicture,
  PissaPicture,
  QloraPicture,
  RsLoraPicture,
} from "./lowRankPictures";
import { MethodCard } from "./MethodCard";

interface Props {
  shape: ModelShape;
  rank: number;
  tokens: number;
}

/** Each way to train on the largest projection of the model. */
export function Methods({ shape, rank, tokens }: Props) {
  const t = useTranslations("methods");
  const format = useFormatter();
  const { bytes } = useFigures();
  const { alpha, rateRatio } = adapterOf({ "adapter.rateRatio": 16 });
  const largest = shape.projections.reduce((a, b) => (b.input * b.output > a.input * a.output ? b : a));
  const sizes = { input: largest.input, output: largest.output, rank };
  const number = (value: number) => format.number(value, { maximumSignificantDigits: 3 });
  const width = shape.keyValueHeads * shape.headSize;
  const values = {
    name: largest.name,
    input: largest.input,
    output: largest.output,
    whole: format.number(largest.input * largest.output),
    low: format.number(rank * (largest.input + largest.output)),
    rank,
    alpha,
    scale: number(alpha / rank),
    rooted: number(alpha / Math.sqrt(rank)),
    projections: shape.projections.length,
    layers: shape.layers,
    ratio: rateRatio,
    tokens,
    hidden: shape.hiddenSize,
    packed: bytes(nf4Bytes * largest.input * largest.output),
    unpacked: bytes(4 * largest.input * largest.output),
    width,
    all: format.number(tokens * 2 * shape.layers * width),
    prompt: format.number(tokens * shape.hiddenSize),
  };
  const label = (kind: AdapterKind) => t(`pictures.${kind}`, values);
  const pictures: Readonly<Record<AdapterKind, ReactNode>> = {
    full: <FullPicture label={label("full")} {...sizes} />,
    lora: <LoraPicture label={label("lora")} scale="α/r" {...sizes} />,
    rslora: <RsLoraPicture label={label("rslora")} alpha={alpha} rank={rank} />,
    dora: <DoraPicture label={label("dora")} words={{ length: t("words.length"), direction: t("words.direction") }} />,
    pissa: <PissaPicture label={label("pissa")} rest={t("words.rest")} {...sizes} />,
    loraplus: <LoraPlusPicture label={label("loraplus")} ratio={rateRatio} />,
    qlora: <QloraPicture label={label("qlora")} />,
    prompt: (
      <PromptPicture
        label={label("prompt")}
        tokens={tokens}
        words={{ text: t("words.text"), model: t("words.model") }}
      />
    ),
    prefix: (
      <PrefixPicture
        label={label("prefix")}
        tokens={tokens}
        layers={shape.layers}
        words={{
          text: t("words.text"),
          model: t("words.model"),
          layer: (layer) => t("words.layer", { layer }),
        }}
      />
    ),
  };
  return adapterKinds.map((kind) => (
    <MethodCard
      key={kind}
      kind={kind}
      shape={shape}
      sizes={{ "adapter.rank": rank, "adapter.tokens": tokens }}
      picture={pictures[kind]}
      values={values}
    />
  ));
}
