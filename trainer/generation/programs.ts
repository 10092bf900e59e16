import type { OpenedModel } from "../adapters/openModel";
import type { Parameters } from "../io/safetensors";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";

/** Compiled programs that several models use, and how many do. */
interface Shared {
  readonly programs: SessionCache;
  users: number;
}

const ofProvider = new WeakMap<Provider, WeakMap<Parameters, Map<string, Shared>>>();

/** Programs compiled with `frozen` weights in them; `own` parameters are inputs. Call `dispose` when they are of no more use. */
export interface Programs {
  readonly programs: SessionCache;
  readonly frozen: Parameters;
  readonly own: Parameters;
  dispose(): Promise<void>;
}

const kept = 6;

/** Programs of one model alone, all its weights frozen into the one that reads a token. */
export function ownPrograms(provider: Provider, parameters: Parameters): Programs {
  const programs = new SessionCache(provider, kept);
  return { programs, frozen: parameters, own: {}, dispose: () => programs.dispose() };
}

/**
 * The programs to answer with. Models that are the same base, each with something of the same kind beside it, have them in
 * common: of the base's weights, which are frozen into one of them, there is one copy however many such models answer.
 */
export function programsFor(provider: Provider, model: Pick<OpenedModel, "config" | "parameters" | "parts">): Programs {
  const { parts, parameters } = model;
  // What DoRA makes of the base's weights costs nothing as a constant, and as much as the whole model at each token else.
  if (!parts || ("decomposed" in parts.adapter && parts.adapter.decomposed)) {
    return ownPrograms(provider, parameters);
  }
  const isBase = ([name, array]: [string, Parameters[string]]) => parts.base.parameters[name] === array;
  const entries = Object.entries(parameters);
  const frozen = Object.fromEntries(entries.filter(isBase));
  const own = Object.fromEntries(entries.filter((entry) => !isBase(entry)));
  const bases = ofProvider.get(provider) ?? new WeakMap<Parameters, Map<string, Shared>>();
  ofProvider.set(provider, bases);
  const kinds = bases.get(parts.base.parameters) ?? new Map<string, Shared>();
  bases.set(parts.base.parameters, kinds);
  const shapes = Object.entries(own).map(([name, { shape }]) => [name, shape]);
  const { adapter: _, ...config } = model.config;
  const kind = JSON.stringify([config, parts.adapter, shapes]);
  const shared = kinds.get(kind) ?? { programs: new SessionCache(provider, kept), users: 0 };
  kinds.set(kind, shared);
  shared.users += 1;
  return {
    programs: shared.programs,
    frozen,
    own,
    async dispose() {
      shared.users -= 1;
      if (shared.users > 0) return;
      kinds.delete(kind);
      await shared.programs.dispose();
    },
  };
}
