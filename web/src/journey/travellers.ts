// Who is on its way through an upgrade, as told by the newest events of all devices. No DOM.
import type { DeviceEvent, Kind, Step } from "../api/types";

export interface Traveller {
  device: string;
  steps: Step[]; // oldest first
  heard: number; // last, UTC seconds
}

const kEnds: readonly Kind[] = ["confirmed", "reverted", "refused", "failed", "nothing_newer"];
const kBeside: readonly Kind[] = ["started", "stale", "warning"]; // neither step nor end

// `events`: newest first.
export function travellersOf(events: DeviceEvent[]): Traveller[] {
  const open = new Map<string, Traveller>();
  const closed = new Set<string>();
  for (const event of events.filter(({ kind }) => !kBeside.includes(kind))) {
    if (closed.has(event.device)) {
      continue;
    }
    if (kEnds.includes(event.kind)) {
      closed.add(event.device);
      continue;
    }
    const traveller = open.get(event.device) ?? { device: event.device, steps: [], heard: event.received };
    traveller.steps.unshift(stepOf(event));
    open.set(event.device, traveller);
    if (event.kind === "window") {
      closed.add(event.device);
    }
  }
  return [...open.values()];
}

function stepOf({ kind, received, bytes, milliseconds, error }: DeviceEvent): Step {
  return { kind, time: received, bytes, milliseconds, error };
}
