import { describe, expect, it } from "vitest";
import type { DeviceEvent, Kind, Upgrade } from "../api/types";
import { followed, lifeOf } from "./life";

const event = (id: number, kind: Kind, more: Partial<DeviceEvent> = {}): DeviceEvent => ({
  id,
  device: "d",
  kind,
  time: null,
  received: 1000 + id,
  error: null,
  error_code: 0,
  sequence: null,
  version: null,
  bytes: 0,
  milliseconds: 0,
  ...more,
});

const follow = (...events: DeviceEvent[]) => events.reduce<Upgrade[]>(followed, []);

describe("followed", () => {
  it("begins a visit at the window and ends it with an outcome", () => {
    const visits = follow(
      event(1, "window"),
      event(2, "jump"),
      event(3, "downloading", { version: "2.0.0", sequence: 7, bytes: 900, milliseconds: 1500 }),
      event(4, "confirmed", { version: "2.0.0" }),
    );
    expect(visits).toHaveLength(1);
    expect(visits[0]).toMatchObject({ outcome: "confirmed", started: 1001, ended: 1004, version: "2.0.0", sequence: 7, bytes: 900 });
    expect(visits[0]?.steps.map((step) => step.kind)).toEqual(["window", "jump", "downloading", "confirmed"]);
  });

  it("takes a second window for a second visit", () => {
    expect(follow(event(1, "window"), event(2, "failed", { error: "timed_out" }), event(3, "window"))).toHaveLength(2);
  });

  it("keeps the offered version when the device reverts", () => {
    const [visit] = follow(event(1, "window"), event(2, "trial", { version: "2.0.0" }), event(3, "reverted", { version: "1.0.0" }));
    expect(visit).toMatchObject({ outcome: "reverted", version: "2.0.0" });
  });

  it("does not take a start for a visit", () => {
    expect(follow(event(1, "started"))).toEqual([]);
  });
});

describe("lifeOf", () => {
  it("is newest first, and leaves out restarts that belong to a visit", () => {
    const visits = follow(event(2, "window"), event(3, "started"), event(4, "confirmed"));
    const life = lifeOf(visits, [event(1, "started"), event(3, "started"), event(5, "warning")]);
    expect(life.map((moment) => moment.time)).toEqual([1005, 1002, 1001]);
  });
});
