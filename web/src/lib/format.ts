// Numbers and times as people read them. Pure: the language and the present are given.

const kUnits = ["B", "KiB", "MiB", "GiB"] as const;

export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < kUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value < 100 ? value.toPrecision(3) : Math.round(value)} ${kUnits[unit]}`;
}

export function count(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

export function measure(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 5 }).format(value);
}

// Of something a second, whose further digits change all the time.
export function rate(value: number, language: string): string {
  return new Intl.NumberFormat(
    language,
    value < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 },
  ).format(value);
}

export function percent(share: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(share);
}

// With a sign, for differences.
export function signed(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3, signDisplay: "exceptZero" }).format(value);
}

// "850 ms", "12 s", "3 min 5 s", "2 h 10 min"
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) {
    return `${Math.round(milliseconds)} ms`;
  }
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? pair(minutes, "min", seconds % 60, "s")
    : pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

export function dateTime(seconds: number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(seconds * 1000);
}

export function clock(seconds: number, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(seconds * 1000);
}

const kSteps: ReadonlyArray<[number, Intl.RelativeTimeFormatUnit]> = [
  [86400 * 365, "year"],
  [86400 * 30, "month"],
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

// "3 minutes ago"; below a minute: "now"
export function ago(seconds: number, now: number, language: string): string {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const passed = now - seconds;
  const step = kSteps.find(([length]) => Math.abs(passed) >= length);
  return step ? relative.format(-Math.trunc(passed / step[0]), step[1]) : relative.format(0, "second");
}

// The part of an id that people compare.
export function shortId(id: string): string {
  return id.slice(0, 8);
}
