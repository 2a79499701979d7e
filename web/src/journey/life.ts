// A device's life, newest first: its visits, and what happened between them. No DOM.
import type { DeviceEvent, Kind, Outcome, Step, Upgrade } from "../api/types";

export type Moment = { time: number } & ({ visit: Upgrade } | { event: DeviceEvent });

const kBetween: readonly Kind[] = ["started", "stale", "warning"];

export function lifeOf(upgrades: Upgrade[], events: DeviceEvent[]): Moment[] {
  const visits = upgrades.map((visit) => ({ time: visit.started, visit }));
  const between = events
    .filter((event) => kBetween.includes(event.kind) && !upgrades.some((visit) => isDuring(event, visit)))
    .map((event) => ({ time: event.received, event }));
  return [...visits, ...between].sort((one, other) => other.time - one.time);
}

// The restart that belongs to a visit is one of its steps, not a moment of its own.
function isDuring(event: DeviceEvent, visit: Upgrade): boolean {
  return event.kind === "started" && event.received >= visit.started && event.received <= (visit.ended ?? Infinity);
}

const kOutcomes: Partial<Record<Kind, Outcome>> = {
  confirmed: "confirmed",
  reverted: "reverted",
  refused: "refused",
  failed: "failed",
  nothing_newer: "nothing_newer",
};

// The visits after one more event: what the hub will say when it is asked again.
export function followed(upgrades: Upgrade[], event: DeviceEvent): Upgrade[] {
  const [newest, ...rest] = upgrades;
  const isNew = event.kind === "window" || newest === undefined || newest.outcome !== "running";
  if (isNew) {
    return kBetween.includes(event.kind) ? upgrades : [extended(begun(event), event), ...upgrades];
  }
  return [extended(newest, event), ...rest];
}

function begun(event: DeviceEvent): Upgrade {
  return {
    device: event.device,
    version: null,
    sequence: null,
    started: event.received,
    ended: null,
    outcome: "running",
    error: null,
    bytes: 0,
    milliseconds: 0,
    steps: [],
  };
}

function extended(visit: Upgrade, event: DeviceEvent): Upgrade {
  const outcome = kOutcomes[event.kind] ?? visit.outcome;
  return {
    ...visit,
    outcome,
    ended: outcome === "running" ? null : event.received,
    version: isOffer(event) ? (event.version ?? visit.version) : visit.version,
    sequence: event.sequence ?? visit.sequence,
    error: event.error ?? visit.error,
    bytes: Math.max(visit.bytes, event.bytes),
    milliseconds: Math.max(visit.milliseconds, event.milliseconds),
    steps: [...visit.steps, stepOf(event)],
  };
}

// Started and reverted name the version that runs, all others the one that is offered.
function isOffer(event: DeviceEvent): boolean {
  return event.kind !== "started" && event.kind !== "reverted";
}

function stepOf(event: DeviceEvent): Step {
  const { kind, received, bytes, milliseconds, error } = event;
  return { kind, time: received, bytes, milliseconds, error };
}
