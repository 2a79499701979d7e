import { describe, expect, it } from "vitest";
import type { DeviceEvent, Kind } from "../api/types";
import { travellersOf } from "./travellers";

const event = (received: number, device: string, kind: Kind) =>
  ({ id: received, device, kind, received, bytes: 0, milliseconds: 0, error: null }) as DeviceEvent;

describe("travellersOf", () => {
  it("finds who is on its way, with the steps of this visit alone", () => {
    const events = [
      event(9, "a", "jump"),
      event(8, "a", "window"),
      event(7, "b", "confirmed"),
      event(6, "b", "trial"),
      event(5, "a", "confirmed"),
      event(4, "c", "started"),
      event(3, "a", "trial"),
    ];
    const found = travellersOf(events);
    expect(found.map(({ device, heard }) => [device, heard])).toEqual([["a", 9]]);
    expect(found[0]?.steps.map(({ kind }) => kind)).toEqual(["window", "jump"]);
  });

  it("passes over what is no step, and needs no window to begin with", () => {
    const [found] = travellersOf([event(9, "a", "started"), event(8, "a", "reset")]);
    expect(found).toMatchObject({ device: "a", heard: 8 });
  });
});
