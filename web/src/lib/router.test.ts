import { describe, expect, it } from "vitest";
import { address, parse } from "./router";

describe("parse", () => {
  it("finds pages", () => {
    expect(parse("/").page).toBe("overview");
    expect(parse("/devices").page).toBe("devices");
    expect(parse("/admin/audit").page).toBe("audit");
  });

  it("takes the id out of the path", () => {
    expect(parse("/devices/a%2Fb")).toEqual({ page: "device", id: "a/b", query: {} });
  });

  it("passes over one slash at the end", () => {
    expect(parse("/devices/").page).toBe("devices");
  });

  it("takes the query", () => {
    expect(parse("/devices", "?q=meter&online=true").query).toEqual({ q: "meter", online: "true" });
  });

  it("says what is missing", () => {
    expect(parse("/nowhere").page).toBe("missing");
    expect(parse("/devices/a/b").page).toBe("missing");
  });

  it("does not fail on broken escapes", () => {
    expect(parse("/devices/%E0%A4").page).toBe("missing");
  });
});

describe("address", () => {
  it("is read back by parse", () => {
    const made = address("device", "x y/é", { tab: "life" });
    const [path, search] = made.split("?");
    expect(parse(path ?? "", search)).toEqual({ page: "device", id: "x y/é", query: { tab: "life" } });
  });

  it("leaves out what is empty", () => {
    expect(address("devices", "", { q: "", online: "" })).toBe("/devices");
  });
});
