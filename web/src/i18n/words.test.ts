import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { en } from "./en";
import { translate } from "./translate";
import { zh } from "./zh";

const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort();
const keys = Object.keys(en) as (keyof typeof en)[];

describe("words", () => {
  it("are there in both languages", () => {
    expect(Object.keys(zh).sort()).toEqual([...keys].sort());
  });

  it("have the same gaps in both languages, and are never empty", () => {
    for (const key of keys) {
      expect(gaps(zh[key]), key).toEqual(gaps(en[key]));
      expect(zh[key].trim() && en[key].trim(), key).not.toBe("");
    }
  });

  it("are there for every error number", () => {
    const page = readFileSync(new URL("../../../spec/errors.md", import.meta.url), "utf8");
    const names = [...page.matchAll(/^\| \d+ \| (\w+) \|/gm)].map(([, name]) => `code.${name}`);
    expect(names.length).toBeGreaterThan(70);
    expect(keys.filter((key) => key.startsWith("code.")).sort()).toEqual(names.sort());
  });

  it("are there for every event's kind", () => {
    const page = readFileSync(new URL("../../../spec/events.md", import.meta.url), "utf8");
    const table = page.slice(page.indexOf("| kind | name | when |"));
    const names = [...table.matchAll(/^\| \d+ \| (\w+) \| /gm)].map(([, name]) => `kind.${name}`);
    expect(names.length).toBeGreaterThan(14);
    expect(keys.filter((key) => key.startsWith("kind.")).sort()).toEqual(names.sort());
  });

  it("fill their gaps", () => {
    expect(translate(en, "of", { count: 3 })).toBe("of 3");
    expect(translate(en, "of")).toBe("of {count}");
  });
});
