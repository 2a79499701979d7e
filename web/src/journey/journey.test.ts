import { describe, expect, it } from "vitest";
import type { Outcome, Step } from "../api/types";
import { current, stationsOf } from "./journey";

const steps = (...kinds: string[]): Step[] =>
  kinds.map((kind, index) => ({ kind, time: 1000 + index, bytes: 0, milliseconds: index, error: null }));

const states = (outcome: Outcome, ...kinds: string[]) =>
  stationsOf({ outcome, steps: steps(...kinds) })
    .map((station) => station.state[0])
    .join("");

describe("stations", () => {
  it("follow a visit from step to step", () => {
    expect(states("running")).toBe("nwwwwwww");
    expect(states("running", "window")).toBe("dnwwwwww");
    expect(states("running", "window", "jump", "downloading")).toBe("dddnwwww");
    expect(states("running", "window", "jump", "downloading", "downloaded", "burnt", "reset", "trial")).toBe(
      "dddddddn",
    );
    expect(states("confirmed", "window", "confirmed")).toBe("dddddddd");
  });

  it("may lie behind a device that is away", () => {
    expect(states("running", "window", "jump")).toBe("ddnaaaaw");
    expect(states("running", "window", "jump", "reset")).toBe("ddddddnw");
  });

  it("count as passed where a later one was heard of", () => {
    expect(states("running", "window", "reset")).toBe("ddddddnw");
  });

  it("say where a visit ended", () => {
    expect(states("refused", "window", "jump", "refused")).toBe("ddfsssss");
    expect(states("failed", "window", "jump", "downloading", "failed")).toBe("dddfssss");
    expect(states("reverted", "window", "jump", "downloading", "reverted")).toBe("ddddddfs");
    expect(states("reverted", "window", "trial", "reverted")).toBe("dddddddf");
    expect(states("nothing_newer", "window", "jump", "nothing_newer")).toBe("dddsssss");
  });

  it("know the share of a download only while it goes on", () => {
    const progress = { device: "", phase: "downloading" as const, done: 30, total: 120, percent: 20, estimated: false };
    const running = stationsOf({ outcome: "running", steps: steps("window", "jump") }, progress);
    expect(current(running)).toMatchObject({ name: "download", lane: "ftp", share: 0.25 });
    const burning = stationsOf({ outcome: "running", steps: steps("window", "downloaded") }, progress);
    expect(current(burning)).toMatchObject({ name: "burn", share: undefined });
    const over = stationsOf({ outcome: "failed", steps: steps("window") }, progress);
    expect(current(over)).toMatchObject({ name: "jump", state: "failed" });
  });
});
