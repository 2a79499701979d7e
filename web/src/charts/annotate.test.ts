import { describe, expect, it } from "vitest";
import type { Series } from "../api/types";
import { alone, annotate } from "./annotate";

const series: Series = {
  name: "power",
  unit: "W",
  resolution: "minute",
  time: [60, 120, 600],
  mean: [1, 2, 3],
  min: [0, 1, 2],
  max: [2, 3, 4],
  count: [1, 1, 1],
  truncated: false,
};

describe("annotate", () => {
  it("leaves a series without statistics as it is", () => {
    expect(annotate(series, undefined)).toMatchObject({
      time: [60, 120, 600],
      mean: [1, 2, 3],
      unusual: [null, null, null],
    });
  });

  it("ends the line in a gap", () => {
    const { time, mean, max } = annotate(series, { gaps: [{ from: 120, to: 600 }], outliers: [] });
    expect(time).toEqual([60, 120, 360, 600]);
    expect(mean).toEqual([1, 2, null, 3]);
    expect(max).toEqual([2, 3, null, 4]);
  });

  it("puts unusual values into their buckets", () => {
    const outliers = [
      { device: "d", time: 130, value: 99, score: 9 },
      { device: "d", time: 10, value: 98, score: 9 },
    ];
    expect(annotate(series, { gaps: [], outliers }).unusual).toEqual([null, 99, null]);
  });
});

describe("alone", () => {
  it("finds the values that no line leads to", () => {
    expect(alone([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(alone([7])).toEqual([0]);
    expect(alone([])).toEqual([]);
    expect(alone([null, 0, undefined])).toEqual([1]);
  });
});
