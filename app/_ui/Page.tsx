import type { ReactNode } from "react";
import { cx } from "./cx";

/** The measure and the margins of an ordinary page. The compare page uses the whole window instead. */
export function Page({ wide = false, children }: { wide?: boolean; children: ReactNode }) {
  return (
    <div className={cx("mx-auto w-full px-4 py-6 sm:px-8 sm:py-8", wide ? "max-w-[1440px]" : "max-w-[1080px]")}>
      {children}
    </div>
  );
}
