// What statistics know of a series, drawn into it: lines end at gaps, unusual values stand out. No DOM.
import type { Series, Statistics } from "../api/types";

export interface Annotated {
  time: number[];
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  unusual: (number | null)[];
}

export function annotate(series: Series, statistics: Pick<Statistics, "gaps" | "outliers"> | undefined): Annotated {
  const { gaps = [], outliers = [] } = statistics ?? {};
  const rows = series.time.map((time, index) => rowOf(series, time, index));
  const breaks = gaps.map(({ from, to }) => ({ time: (from + to) / 2, mean: null, min: null, max: null }));
  const all = [...rows, ...breaks].sort((one, other) => one.time - other.time);
  const column = (name: "mean" | "min" | "max") => all.map((row) => row[name]);
  const time = all.map((row) => row.time);
  return { time, mean: column("mean"), min: column("min"), max: column("max"), unusual: placed(time, outliers) };
}

function rowOf({ mean, min, max }: Series, time: number, index: number) {
  return { time, mean: mean[index] ?? null, min: min[index] ?? null, max: max[index] ?? null };
}

// Each value in the bucket that it belongs to: the last one that begins before it.
function placed(time: number[], outliers: Statistics["outliers"]): (number | null)[] {
  const values = time.map((): number | null => null);
  for (const outlier of outliers) {
    const index = time.findLastIndex((start) => start <= outlier.time);
    if (index >= 0) {
      values[index] = outlier.value;
    }
  }
  return values;
}

// The values that no line leads to: nothing stands beside them.
export function alone(values: ArrayLike<number | null | undefined>): number[] {
  const stands = (index: number) => typeof values[index] === "number";
  return Array.from(values, (_, index) => index).filter(
    (index) => stands(index) && !stands(index - 1) && !stands(index + 1),
  );
}
