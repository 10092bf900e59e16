import type { Compiled, Examples, Provider } from "./program";
import { isArraySpec } from "./trace";
import { leavesOf } from "./tree";

type AnyCompiled = Compiled<readonly never[], unknown>;

/** Compiled programs by name and input shapes, at most `bound` of them; the one unused longest goes first. */
export class SessionCache {
  private readonly sessions = new Map<string, Promise<AnyCompiled>>();
  private readonly placed: unknown[] = [];

  constructor(
    private readonly provider: Provider,
    private readonly bound = 12,
  ) {}

  async get<I extends readonly unknown[], O>(
    name: string,
    program: (...inputs: I) => O,
    examples: Examples<I>,
    open?: Examples<I>,
    resident?: readonly (keyof O & string)[],
  ): Promise<Compiled<I, O>> {
    const shapes = leavesOf(examples, isArraySpec).map(({ dtype, shape }) => `${dtype}${shape.join("x")}`);
    const key = `${name}|${shapes.join()}`;
    const found =
      this.sessions.get(key) ??
      (this.provider.compile(program, examples, open, resident) as unknown as Promise<AnyCompiled>);
    this.sessions.delete(key);
    this.sessions.set(key, found);
    try {
      const compiled = await found;
      await this.evict();
      return compiled as unknown as Compiled<I, O>;
    } catch (error) {
      if (this.sessions.get(key) === found) this.sessions.delete(key);
      throw error;
    }
  }

  /** The same arrays in the device's memory, until this is disposed. */
  async place<T>(tree: T): Promise<T> {
    const placed = await this.provider.place(tree);
    this.placed.push(placed);
    return placed;
  }

  private async evict(): Promise<void> {
    while (this.sessions.size > this.bound) {
      const [key, oldest] = this.sessions.entries().next().value as [string, Promise<AnyCompiled>];
      this.sessions.delete(key);
      await (await oldest).dispose();
    }
  }

  async dispose(): Promise<void> {
    for (const compiled of this.sessions.values()) await (await compiled).dispose();
    this.sessions.clear();
    for (const tree of this.placed.splice(0)) await this.provider.free(tree);
  }
}
