// A small fleet, the same at every run.
import type { Device, DeviceDetail, Group, Series, Statistics } from "../../../web/src/api/types";

export const kNow = Math.floor(Date.now() / 1000);
export const kHour = 3600;
export const kDay = 86400;

export const kOld = "1.4.2";
export const kNew = "2.0.0";
export const kSequence = 7;

const kProducts = ["example.com/meter/r2", "example.com/charger/r1"];
const kGroups = ["Lyon", "Shenzhen", "Pilot", ""];

const pick = <T>(from: T[], index: number): T => from[index % from.length] as T;

export function deviceId(index: number): string {
  return `6f1c${index.toString(16).padStart(4, "0")}-3b1d-5a70-9c55-0c2f6e8d${(index * 7919).toString(16).padStart(4, "0")}`;
}

function makeDevice(_: unknown, index: number): Device {
  const isSilent = index % 17 === 5;
  const isNever = index === 63;
  return {
    device: deviceId(index),
    serial: `${index % 3 === 2 ? "EV" : "M"}-${String(index + 1).padStart(4, "0")}`,
    product: pick(kProducts, index % 3 === 2 ? 1 : 0),
    group: pick(kGroups, index),
    note: index === 0 ? "On the roof, behind the third panel" : "",
    online: !isSilent && !isNever && index % 11 !== 7,
    silent: isSilent,
    first_seen: isNever ? null : kNow - 40 * kDay + index * 977,
    last_seen: isNever ? null : kNow - (isSilent ? 3 * kDay : (index * 13) % 300),
    version: isNever ? null : index % 5 < 3 ? kNew : index % 5 === 3 ? kOld : "1.4.0",
    sequence: isNever ? null : index % 5 < 3 ? kSequence : 5,
  };
}

export const devices: Device[] = Array.from({ length: 64 }, makeDevice);
// The one that the live view's test follows runs the old version still.
export const traveller = devices[0] as Device;
Object.assign(traveller, { version: kOld, sequence: 5, online: true });

export function groupsOf(all: Device[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { product, group, online, silent, version } of all) {
    const entry = groups.get(product + group) ?? { product, group, devices: 0, online: 0, silent: 0, versions: {} };
    groups.set(product + group, entry);
    entry.devices += 1;
    entry.online += Number(online);
    entry.silent += Number(silent);
    entry.versions[version ?? ""] = (entry.versions[version ?? ""] ?? 0) + 1;
  }
  return [...groups.values()];
}

export function detailOf(device: Device): DeviceDetail {
  if (device.last_seen === null) {
    return { ...device, latest: [], refused: {} };
  }
  const time = device.last_seen;
  return {
    ...device,
    latest: [
      { name: "power", unit: "W", time, value: 1843.2, outlier: false, score: 0.4 },
      { name: "energy", unit: "kWh", time, value: 48211.07, outlier: false, score: null },
      { name: "voltage", unit: "V", time, value: 251.9, outlier: true, score: 4.8 },
      { name: "signal", unit: "dBm", time, value: -87, outlier: false, score: 0.1 },
      { name: "firmware", unit: "", time, text: device.version ?? "", outlier: false, score: null },
    ],
    refused: { replayed: 12, far_future: 1 },
  };
}

// A load curve with two peaks a day.
function power(time: number): number {
  const hour = (time % kDay) / kHour;
  const peak = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
  return 420 + 1500 * peak(8, 1.6) + 2300 * peak(19.5, 2.2) + 90 * Math.sin(time / 97);
}

// Nothing was measured then, in seconds from the start of whatever is asked for.
const kGap = { from: 14_000, to: 18_500 };
const isGap = (time: number, from: number) => time - from > kGap.from && time - from < kGap.to;

export function seriesOf(name: string, from: number, to: number): Series {
  const step = to - from > 3 * kDay ? kHour : 300;
  const time: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    if (!isGap(at, from)) {
      time.push(at);
    }
  }
  const mean = time.map(power);
  return {
    name,
    unit: name === "voltage" ? "V" : "W",
    resolution: step === kHour ? "hour" : "minute",
    time,
    mean,
    min: mean.map((value) => value * 0.82),
    max: mean.map((value) => value * 1.17),
    count: mean.map(() => step / 60),
    truncated: false,
  };
}

type FullStatistics = Statistics & Record<string, unknown>;

export function groupStatisticsOf(devices: Device[], name: string, from: number, to: number) {
  return {
    name,
    unit: "W",
    from,
    to,
    devices: devices.length,
    count: 1440 * devices.length,
    min: 310.4,
    max: 3890,
    mean: 1013.9,
    load_curve: Array.from({ length: 24 }, (_, hour) => power(hour * kHour)),
    energy: [],
    outliers: [{ device: traveller.device, mean: 1843.2, score: 5.1 }],
  };
}

export function statisticsOf(name: string, from: number, to: number): FullStatistics {
  return {
    name,
    unit: "W",
    from,
    to,
    count: 1440,
    last: 1843.2,
    last_time: kNow - 20,
    min: 344.1,
    max: 2987.5,
    mean: 1021.7,
    median: 871.3,
    rate_per_hour: 1.42,
    interval: 60,
    gaps: [{ from: from + kGap.from, to: from + kGap.to }],
    outliers: [{ device: traveller.device, time: kNow - 11 * kHour, value: 3890, score: 6.2 }],
    energy: [],
    load_curve: Array.from({ length: 24 }, (_, hour) => power(hour * kHour)),
  };
}
