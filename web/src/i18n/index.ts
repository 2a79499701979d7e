// The dashboard's words in the language chosen.
import { language, type Language } from "../lib/settings";
import { useStore } from "../lib/store";
import { en } from "./en";
import { translate, type Key, type Values, type Words } from "./translate";
import { zh } from "./zh";

const kWords: Record<Language, Words> = { en, zh };

export interface Text {
  t: (key: Key, values?: Values) => string;
  // For names that the hub gives: the word where there is one, the name itself where not.
  named: (prefix: string, name: string) => string;
  language: Language;
}

export function useText(): Text {
  const chosen = useStore(language);
  const words = kWords[chosen];
  return {
    t: (key, values) => translate(words, key, values),
    named: (prefix, name) => {
      const key = `${prefix}.${name}`;
      return key in words ? words[key as Key] : name.replaceAll("_", " ");
    },
    language: chosen,
  };
}

export type { Key };
