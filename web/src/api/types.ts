// The documents of the hub's API (servers/hub/openapi.json).

export type Role = "viewer" | "operator" | "admin";

export interface Session {
  user: string;
  role: Role;
  csrf: string;
  expires: number | null;
}

export interface Device {
  device: string;
  serial: string;
  product: string;
  group: string;
  note: string;
  online: boolean;
  silent: boolean;
  first_seen: number | null;
  last_seen: number | null;
  version: string | null;
  sequence: number | null;
}

export interface Reading {
  name: string;
  unit: string;
  time: number;
  value?: number;
  text?: string;
}

export interface Latest extends Reading {
  outlier: boolean;
  score: number | null;
}

export type Counts = Record<string, number>;

export interface DeviceDetail extends Device {
  latest: Latest[];
  refused: Counts;
}

export interface DevicePage {
  devices: Device[];
  next: string | null;
  total: number;
}

export type Kind =
  | "started"
  | "window"
  | "jump"
  | "refused"
  | "nothing_newer"
  | "downloading"
  | "downloaded"
  | "burnt"
  | "reset"
  | "trial"
  | "confirmed"
  | "reverted"
  | "failed"
  | "stale"
  | "warning";

export interface DeviceEvent {
  id: number;
  device: string;
  kind: Kind;
  time: number | null;
  received: number;
  error: string | null;
  error_code: number;
  sequence: number | null;
  version: string | null;
  bytes: number;
  milliseconds: number;
}

export type Outcome = "confirmed" | "reverted" | "refused" | "failed" | "nothing_newer" | "running";

export interface Step {
  kind: string;
  time: number;
  bytes: number;
  milliseconds: number;
  error: string | null;
}

export interface Upgrade {
  device: string;
  version: string | null;
  sequence: number | null;
  started: number;
  ended: number | null;
  outcome: Outcome;
  error: string | null;
  bytes: number;
  milliseconds: number;
  progress: Progress | null;
  steps: Step[];
}

export interface Series {
  name: string;
  unit: string;
  resolution: "raw" | "minute" | "hour" | "day";
  time: number[];
  mean: number[];
  min: number[];
  max: number[];
  count: number[];
  truncated: boolean;
}

export interface Group {
  product: string;
  group: string;
  devices: number;
  online: number;
  silent: number;
  versions: Counts;
}

export type Severity = "critical" | "warning" | "info";

export interface Overview {
  time: number;
  devices: number;
  online: number;
  silent: number;
  never_seen: number;
  readings: number;
  readings_per_second: number;
  events: number;
  versions: { version: string | null; devices: number }[];
  refused: Counts;
  upgrades: { from: number } & Record<"running" | "confirmed" | "reverted" | "refused" | "failed", number>;
  alerts: Record<Severity, number>;
  reading_names: { name: string; unit: string; devices: number }[];
}

export type FunnelStep =
  | "window"
  | "jump"
  | "refused"
  | "downloading"
  | "downloaded"
  | "burnt"
  | "trial"
  | "confirmed"
  | "reverted"
  | "failed";

export type Funnel = Record<FunnelStep, number>;

export interface Release {
  version: string;
  sequence: number | null;
  first_seen: number;
  last_seen: number;
  running: number;
  share: number;
  in_progress: number;
  funnel: Funnel;
}

export interface Rate {
  attempts: number;
  failures: number;
  rate: number | null;
  low: number | null;
  high: number | null;
}

export interface Comparison {
  before: Rate;
  after: Rate;
  difference: number | null;
  low: number | null;
  high: number | null;
  significant: boolean;
}

export interface Reason {
  kind: "refused" | "reverted" | "failed";
  error: string | null;
  devices: number;
  events: number;
}

export interface StepTimes {
  step: Exclude<FunnelStep, "window" | "jump" | "trial">;
  count: number;
  mean_milliseconds: number;
  median_milliseconds: number;
  p95_milliseconds: number;
  mean_bytes: number;
  p95_bytes: number;
}

export interface ReleaseDetail extends Release {
  reasons: Reason[];
  steps: StepTimes[];
  progress: { time: number; confirmed: number; reverted: number; refused: number }[];
  comparison: Comparison;
}

export interface Versions {
  resolution: "hour" | "day";
  time: number[];
  versions: Record<string, number[]>;
}

export interface Alert {
  id: string;
  kind: "silent" | "reverted" | "failing" | "outlier" | "refused_messages" | "clock";
  severity: Severity;
  device: string | null;
  serial: string;
  since: number;
  message: string;
  acknowledged: { user: string; time: number } | null;
}

export interface Token {
  id: number;
  name: string;
  user: string;
  scope: Role;
  created: number;
  last_used: number | null;
  expires: number | null;
}

export interface NewToken extends Token {
  token: string;
}

export interface Account {
  user: string;
  role: Role;
  created: number;
  last_login: number | null;
  disabled: boolean;
}

export interface AuditEntry {
  id: number;
  time: number;
  user: string;
  address: string;
  action: string;
  subject: string;
}

// How far a device may be, worked out by the hub from the time that others took.
export interface Progress {
  device: string;
  phase: "downloading" | "burning";
  done: number;
  total: number;
  percent: number; // of the whole visit
  estimated: boolean;
}

export interface AlertNews extends Alert {
  raised: boolean; // false: it is over
}

export interface Statistics {
  unit: string;
  min: number | null;
  max: number | null;
  mean: number | null;
  median: number | null;
  rate_per_hour: number | null;
  gaps: { from: number; to: number }[];
  outliers: { device: string; time: number; value: number; score: number }[];
}

export interface GroupStatistics {
  unit: string;
  devices: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  outliers: { device: string; mean: number; score: number }[];
}
