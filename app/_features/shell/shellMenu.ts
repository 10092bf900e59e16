"use client";
import { createContext } from "react";

/** Opens the shell's drawer; null outside the shell. */
export const ShellMenuContext = createContext<(() => void) | null>(null);
