// Looks words up and fills their gaps: "{count} devices".
import type { en } from "./en";

export type Key = keyof typeof en;
export type Words = Record<Key, string>;
export type Values = Readonly<Record<string, string | number>>;

export function translate(words: Words, key: Key, values: Values = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (gap, name: string) => String(values[name] ?? gap));
}
