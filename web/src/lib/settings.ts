// What a person has chosen on this browser: language and theme.
import { createStore, type Store } from "./store";

const kLanguages = ["en", "zh"] as const;
export const kThemes = ["auto", "light", "dark"] as const;
export type Language = (typeof kLanguages)[number];
export type Theme = (typeof kThemes)[number];

// A browser may forbid storage; the choice then lasts for the visit.
function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // nothing is lost but the choice
  }
}

function setting<T extends string>(key: string, allowed: readonly T[], fallback: T): Store<T> {
  const found = allowed.find((value) => value === stored(key));
  const setting = createStore<T>(found ?? fallback);
  setting.subscribe(() => store(key, setting.get()));
  return setting;
}

export const language = setting("ferry.language", kLanguages, navigator.language.startsWith("zh") ? "zh" : "en");
export const theme = setting("ferry.theme", kThemes, "auto");

// Keeps the document's language and theme as they were chosen.
export function applySettings(): void {
  const root = document.documentElement;
  const apply = () => {
    root.lang = language.get() === "zh" ? "zh-CN" : "en";
    root.dataset.theme = theme.get();
  };
  language.subscribe(apply);
  theme.subscribe(apply);
  apply();
}
