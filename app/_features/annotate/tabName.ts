import { newId } from "./newId";

type Session = Pick<Storage, "getItem" | "setItem">;

/** A tab's name, and which other tabs are open as far as the browser can tell; null where it cannot. */
export interface TabName {
  readonly id: string;
  readonly open: ReadonlySet<string> | null;
  /** Lets the name go, as the death of the page does by itself. */
  release(): void;
}

/** Holds a lock until it is released or the page dies; null when somebody else holds it. */
function hold(locks: LockManager, name: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    void locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise<void>((release) => resolve(release));
    });
  });
}

/**
 * Names this tab. The name outlives a reload; a copied tab copies the name but not the lock on it, and gets its own.
 * Browsers have locks on secure pages only: elsewhere nobody knows which other tabs are open.
 */
export async function nameTab(place: string, session: Session | null, locks: LockManager | null): Promise<TabName> {
  const key = `tiebreak.tab.${place}`;
  const prefix = `${key}.`;
  let id = read(session, key) ?? newId();
  let release = locks ? await hold(locks, prefix + id) : () => {};
  if (!release) {
    id = newId();
    release = (locks && (await hold(locks, prefix + id))) ?? (() => {});
  }
  write(session, key, id);
  if (!locks) return { id, open: null, release };
  const { held = [] } = await locks.query();
  const names = held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  return { id, open: new Set(names.filter((name) => name !== id)), release };
}

function read(session: Session | null, key: string): string | null {
  try {
    return session?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function write(session: Session | null, key: string, id: string): void {
  try {
    session?.setItem(key, id);
  } catch {
    // A reload then gets another name, and takes over what this one left.
  }
}
