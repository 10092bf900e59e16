"use client";
import { Field } from "@base-ui/react/field";
import type { ComponentProps } from "react";
import { controlClass } from "./controlClass";
import { cx } from "./cx";

export function Textarea({ className, rows = 4, ...rest }: ComponentProps<"textarea">) {
  const textarea = <textarea {...rest} rows={rows} className={cx(controlClass, "py-2 leading-6", className)} />;
  return <Field.Control render={textarea} />;
}
