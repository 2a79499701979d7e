import { describe, expect, it } from "vitest";
import { moved } from "./span";

describe("moved", () => {
  const span = { from: 1000, to: 2000 };

  it("by keys", () => {
    expect(moved(span, "ArrowLeft")).toEqual({ from: 750, to: 1750 });
    expect(moved(span, "ArrowRight")).toEqual({ from: 1250, to: 2250 });
    expect(moved(span, "+")).toEqual({ from: 1250, to: 1750 });
    expect(moved(span, "-")).toEqual({ from: 500, to: 2500 });
    expect(moved(span, "a")).toBeUndefined();
  });

  it("never below a minute", () => {
    expect(moved({ from: 0, to: 60 }, "+")).toEqual({ from: 0, to: 60 });
  });
});
