import type { MetadataRoute } from "next";

/** Tiebreak as an app on a phone or a desk. */
export default function manifest(): MetadataRoute.Manifest {
  const icon = (size: number, purpose: "any" | "maskable") => ({
    src: `/icon-${size}${purpose === "maskable" ? "-maskable" : ""}.png`,
    sizes: `${size}x${size}`,
    type: "image/png",
    purpose,
  });
  return {
    name: "Tiebreak",
    short_name: "Tiebreak",
    start_url: "/projects",
    display: "standalone",
    background_color: "#ffffff",
    theme_color: "#2f5bc4",
    icons: [icon(192, "any"), icon(512, "any"), icon(512, "maskable")],
  };
}
