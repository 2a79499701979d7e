import { describe, expect, it } from "vitest";
import type { DeviceEvent, Kind, Upgrade } from "../api/types";
import { lifeOf } from "./life";

const event = (received: number, kind: Kind): DeviceEvent => ({
  id: received,
  device: "d",
  kind,
  time: null,
  received,
  error: null,
  error_code: 0,
  sequence: null,
  version: null,
  bytes: 0,
  milliseconds: 0,
});

const visit = (started: number, ended: number | null): Upgrade => ({
  device: "d",
  version: "2.0.0",
  sequence: 7,
  started,
  ended,
  outcome: ended === null ? "running" : "confirmed",
  progress: null,
  error: null,
  bytes: 0,
  milliseconds: 0,
  steps: [],
});

describe("lifeOf", () => {
  it("is newest first", () => {
    const life = lifeOf([visit(20, 30), visit(5, 8)], [event(10, "started"), event(40, "warning")]);
    expect(life.map((moment) => moment.time)).toEqual([40, 20, 10, 5]);
  });

  it("leaves out restarts and steps that belong to a visit", () => {
    const events = [event(20, "window"), event(25, "started"), event(30, "confirmed")];
    expect(lifeOf([visit(20, 30)], events)).toHaveLength(1);
    expect(lifeOf([visit(20, null)], events)).toHaveLength(1);
  });
});
