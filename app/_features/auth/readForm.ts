/**
 * What stands in a form's fields, by their names. The fields keep their own text, so that what was typed or filled in
 * before the page's script ran is not lost.
 */
export function readForm<K extends string>(form: HTMLFormElement, ...names: readonly K[]): Record<K, string> {
  const data = new FormData(form);
  return Object.fromEntries(names.map((name) => [name, String(data.get(name) ?? "")])) as Record<K, string>;
}
