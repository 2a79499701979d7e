// A device's life, newest first: its visits, and what happened between them. No DOM.
import type { DeviceEvent, Kind, Upgrade } from "../api/types";

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
