// Releases, visits and alerts of the small fleet.
import type {
  Alert,
  DeviceEvent,
  Funnel,
  Kind,
  Release,
  ReleaseDetail,
  Step,
  Upgrade,
  Versions,
} from "../../../web/src/api/types";
import { devices, kDay, kHour, kNew, kNow, kOld, kSequence, traveller } from "./devices";

const funnel = (reached: number[], refused: number, reverted: number, failed: number): Funnel => {
  const [window = 0, jump = 0, downloading = 0, downloaded = 0, burnt = 0, trial = 0, confirmed = 0] = reached;
  return { window, jump, downloading, downloaded, burnt, trial, confirmed, refused, reverted, failed };
};

export const releases: Release[] = [
  {
    version: kNew,
    sequence: kSequence,
    first_seen: kNow - 3 * kDay,
    last_seen: kNow - 240,
    running: 38,
    share: 0.594,
    in_progress: 3,
    funnel: funnel([47, 47, 45, 44, 43, 42, 38], 2, 3, 4),
  },
  {
    version: kOld,
    sequence: 5,
    first_seen: kNow - 38 * kDay,
    last_seen: kNow - 5 * kDay,
    running: 13,
    share: 0.203,
    in_progress: 0,
    funnel: funnel([61, 61, 61, 61, 61, 61, 61], 0, 0, 0),
  },
];

export function releaseDetail(release: Release): ReleaseDetail {
  const hours = Array.from({ length: 72 }, (_, index) => index);
  return {
    ...release,
    reasons:
      release.funnel.refused === 0
        ? []
        : [
            { kind: "failed", error: "ftp_transfer_incomplete", devices: 3, events: 9 },
            { kind: "reverted", error: "trial_not_confirmed", devices: 3, events: 3 },
            { kind: "refused", error: "battery_low", devices: 2, events: 5 },
            { kind: "failed", error: null, devices: 1, events: 1 },
          ],
    steps: (["downloading", "downloaded", "burnt", "confirmed"] as const).map((step, index) => ({
      step,
      count: 45 - index * 2,
      mean_milliseconds: 1900 + index * 34_000,
      median_milliseconds: 1650 + index * 31_000,
      p95_milliseconds: 4100 + index * 88_000,
      mean_bytes: index === 0 ? 1480 : 118_300,
      p95_bytes: index === 0 ? 1900 : 161_000,
    })),
    progress: hours.map((hour) => ({
      time: Math.floor(kNow / kHour) * kHour - (72 - hour) * kHour,
      confirmed: Math.round(38 / (1 + Math.exp(-(hour - 34) / 8))),
      reverted: Math.min(3, Math.floor(hour / 20)),
      refused: Math.min(2, Math.floor(hour / 30)),
    })),
    comparison: {
      before: { attempts: 412, failures: 31, rate: 0.0752, low: 0.0536, high: 0.1048 },
      after: { attempts: 388, failures: 12, rate: 0.0309, low: 0.0178, high: 0.0533 },
      difference: -0.0443,
      low: -0.0773,
      high: -0.0121,
      significant: true,
    },
  };
}

export function versions(): Versions {
  const days = Array.from({ length: 30 }, (_, index) => index);
  const grown = (day: number, middle: number) => Math.round(51 / (1 + Math.exp(-(day - middle))));
  return {
    resolution: "day",
    time: days.map((day) => Math.floor(kNow / kDay) * kDay - (29 - day) * kDay),
    versions: {
      [kNew]: days.map((day) => Math.round(38 / (1 + Math.exp(-(day - 27.5) * 1.6)))),
      [kOld]: days.map((day) => Math.max(13, grown(day, 6) - Math.round(38 / (1 + Math.exp(-(day - 27.5) * 1.6))))),
      "1.4.0": days.map((day) => 63 - grown(day, 6)),
      "": days.map(() => 1),
    },
  };
}

export const alerts: Alert[] = [
  alert("silent", "critical", 5, 2 * kDay, "nothing heard for 3 days"),
  alert("reverted", "warning", 8, 5 * kHour, `went back from ${kNew}: trial_not_confirmed`),
  alert("failing", "warning", 21, 9 * kHour, "4 visits failed in a row: ftp_transfer_incomplete"),
  alert("outlier", "info", 0, 700, "voltage 251.9 V, robust z-score 4.8"),
];

function alert(kind: Alert["kind"], severity: Alert["severity"], index: number, age: number, message: string): Alert {
  const { device, serial } = devices[index] ?? traveller;
  return { id: `${kind}:${device}`, kind, severity, device, serial, since: kNow - age, message, acknowledged: null };
}

// What a device tells of a whole upgrade, with its times (ms) and bytes.
export const kJourney: readonly [Kind, number, number][] = [
  ["window", 0, 0],
  ["jump", 40, 0],
  ["downloading", 1700, 1420],
  ["downloaded", 48_300, 117_900],
  ["burnt", 61_200, 118_240],
  ["reset", 61_400, 118_240],
  ["trial", 0, 0],
  ["confirmed", 0, 0],
];

let lastId = 1000;

export function makeEvent(device: string, kind: Kind, more: Partial<DeviceEvent> = {}): DeviceEvent {
  const received = Math.floor(Date.now() / 1000);
  const base = {
    time: received,
    received,
    error: null,
    error_code: 0,
    sequence: null,
    version: null,
    bytes: 0,
    milliseconds: 0,
  };
  lastId += 1;
  return { id: lastId, device, kind, ...base, ...more };
}

export function makeUpgrade(device: string, started: number, more: Partial<Upgrade> = {}): Upgrade {
  return {
    device,
    version: null,
    sequence: null,
    started,
    ended: null,
    outcome: "running",
    error: null,
    bytes: 0,
    milliseconds: 0,
    progress: null,
    steps: [],
    ...more,
  };
}

const stepsOf = (started: number, kinds: readonly Kind[], error: string | null = null): Step[] =>
  kinds.map((kind, index) => {
    const [, milliseconds, bytes] = kJourney.find(([name]) => name === kind) ?? [kind, 0, 0];
    return {
      kind,
      time: started + (index > 5 ? 70 + index : Math.ceil(milliseconds / 1000)),
      bytes,
      milliseconds,
      error: index === kinds.length - 1 ? error : null,
    };
  });

const kWhole = kJourney.map(([kind]) => kind);

// An eventful past: an upgrade, nights without news, a failed visit, and a revert.
export function pastOf(device: string): Upgrade[] {
  const visit = (age: number, kinds: Kind[], more: Partial<Upgrade>) => {
    const started = kNow - age;
    return makeUpgrade(device, started, {
      ended: started + 90,
      steps: stepsOf(started, kinds, more.error ?? null),
      ...more,
    });
  };
  const cost = { milliseconds: 61_400, bytes: 118_240 };
  return [
    visit(kDay, ["window", "jump", "downloading", "downloaded", "burnt", "reset", "trial", "reverted"], {
      outcome: "reverted",
      version: kNew,
      sequence: kSequence,
      error: "trial_not_confirmed",
      ...cost,
    }),
    visit(2 * kDay, ["window", "jump", "downloading", "failed"], {
      outcome: "failed",
      version: kNew,
      sequence: kSequence,
      error: "ftp_transfer_incomplete",
      milliseconds: 31_000,
      bytes: 40_210,
    }),
    visit(3 * kDay, ["window", "jump", "nothing_newer"], { outcome: "nothing_newer", milliseconds: 1850, bytes: 1430 }),
    visit(20 * kDay, kWhole, { outcome: "confirmed", version: kOld, sequence: 5, ...cost }),
  ];
}
