"use client";
import { Input as Base } from "@base-ui/react/input";
import type { ComponentProps } from "react";
import { controlClass } from "./controlClass";
import { cx } from "./cx";

export function Input({ className, ...rest }: Omit<ComponentProps<typeof Base>, "className"> & { className?: string }) {
  return <Base {...rest} className={cx(controlClass, "h-9 pointer-coarse:h-11", className)} />;
}
