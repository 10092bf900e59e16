"use client";
import { useTranslations } from "next-intl";
import { fileSize } from "./fileCheck";

/** A size in bytes as people say it. */
export function useFileSize(): (bytes: number) => string {
  const t = useTranslations("imports.size");
  return (bytes) => {
    const { value, unit } = fileSize(bytes);
    return t(unit, { value });
  };
}
