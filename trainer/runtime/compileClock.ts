import type { Provider } from "./program";

/** The same provider, which tells in `stats` how many seconds it has spent compiling. */
export function withCompileClock(provider: Provider, now: () => number = () => performance.now()): Provider {
  let ms = 0;
  return {
    ...provider,
    async compile(program, examples, open, resident) {
      const started = now();
      try {
        return await provider.compile(program, examples, open, resident);
      } finally {
        ms += now() - started;
      }
    },
    stats: () => ({ ...provider.stats(), compileSeconds: ms / 1000 }),
  };
}
