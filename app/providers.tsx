"use client";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { z } from "zod";
import { makeTrpcClient, TRPCProvider } from "./_trpc/client";
import { makeQueryClient } from "./_trpc/queryClient";
import { ToastProvider } from "./_ui/Toast";

// The page's content policy forbids `new Function`, which zod would otherwise try.
z.config({ jitless: true });

let browserClient: QueryClient | undefined;

/** A new client for every request on the server; one in the browser, which survives a suspended first render. */
function queryClientOfThisPlace(): QueryClient {
  if (typeof window === "undefined") return makeQueryClient();
  browserClient ??= makeQueryClient();
  return browserClient;
}

export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  const queryClient = queryClientOfThisPlace();
  const [trpcClient] = useState(makeTrpcClient);
  return (
    <CSPProvider nonce={nonce} disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
          <ToastProvider>{children}</ToastProvider>
        </TRPCProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}
