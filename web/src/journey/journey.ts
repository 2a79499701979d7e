// A visit to the FTP server as eight stations, from the window to the confirmed image. No DOM.
import type { Outcome, Progress, Step, Upgrade } from "../api/types";

const kStations = ["window", "jump", "manifest", "download", "burn", "reset", "trial", "confirmed"] as const;
type StationName = (typeof kStations)[number];
// away: it may be there by now; a device at the FTP server tells nothing until it is back.
type StationState = "done" | "now" | "away" | "waiting" | "failed" | "skipped";
export type Lane = "business" | "device" | "ftp";

// Where the device is while it is at a station.
const kLanes: Record<StationName, Lane> = {
  window: "business",
  jump: "device",
  manifest: "ftp",
  download: "ftp",
  burn: "device",
  reset: "device",
  trial: "device",
  confirmed: "business",
};

// The event that says that a station lies behind the device. `downloading` comes once the manifest was taken.
const kPassedBy: Record<StationName, string> = {
  window: "window",
  jump: "jump",
  manifest: "downloading",
  download: "downloaded",
  burn: "burnt",
  reset: "reset",
  trial: "trial",
  confirmed: "confirmed",
};

export interface Station {
  name: StationName;
  lane: Lane;
  state: StationState;
  step: Step | undefined; // what was heard of it
  share: number | undefined; // 0 to 1, of a download or a burn that goes on
}

export function stationsOf(upgrade: Pick<Upgrade, "steps" | "outcome">, progress?: Progress): Station[] {
  const passed = kStations.map((name) => upgrade.steps.findLast((step) => step.kind === kPassedBy[name]));
  const reached = furthest(passed, upgrade.outcome, progress);
  return kStations.map((name, index) => {
    const state = stateOf(index, reached, upgrade.outcome);
    return {
      name,
      lane: kLanes[name],
      state,
      step: passed[index],
      share: state === "now" ? shareOf(name, progress) : undefined,
    };
  });
}

// How many stations lie behind. What was not heard of, but lies before one that was, was passed unheard: a device away
// from the business server tells only what its short queue holds.
function furthest(passed: (Step | undefined)[], outcome: Outcome, progress: Progress | undefined): number {
  const heard = passed.findLastIndex((step) => step !== undefined) + 1;
  const least = {
    confirmed: kStations.length,
    reverted: kStations.indexOf("trial"),
    nothing_newer: kStations.indexOf("download"),
  };
  const atLeast = outcome in least ? least[outcome as keyof typeof least] : 0;
  const during = progress ? kStations.indexOf(progress.phase === "downloading" ? "download" : "burn") : 0;
  return Math.max(heard, atLeast, outcome === "running" ? during : 0);
}

function stateOf(index: number, reached: number, outcome: Outcome): StationState {
  if (index < reached) {
    return "done";
  }
  if (outcome === "nothing_newer") {
    return "skipped";
  }
  if (outcome !== "running") {
    return index > reached ? "skipped" : "failed";
  }
  return index === reached ? "now" : isAway(index, reached) ? "away" : "waiting";
}

function isAway(index: number, reached: number): boolean {
  return reached === kStations.indexOf("manifest") && index <= kStations.indexOf("trial");
}

function shareOf(name: StationName, progress: Progress | undefined): number | undefined {
  const phase = { download: "downloading", burn: "burning" }[name as string];
  return progress && progress.phase === phase && progress.total > 0 ? progress.done / progress.total : undefined;
}

// The station that the story is at: where the device is, or where it ended.
export function current(stations: Station[]): Station | undefined {
  return stations.find((station) => station.state === "now" || station.state === "failed");
}
