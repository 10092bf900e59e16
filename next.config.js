import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin("./i18n/request.ts");

/** @type {import("next").NextConfig} */
const config = {
  distDir: process.env.TIEBREAK_DIST_DIR ?? ".next",
  poweredByHeader: false,
  reactStrictMode: true,
  // Answers may hold links to anywhere; nothing here is ever optimised or fetched from another host.
  images: { unoptimized: true },
  // The development badge covers the verdict bar.
  devIndicators: false,
  // `npm run check` does this; a user's first start need not wait for it.
  typescript: { ignoreBuildErrors: true },
};

export default withNextIntl(config);
