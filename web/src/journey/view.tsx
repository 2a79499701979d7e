// Where a device is on its way through an upgrade: three banks, eight stations, and the one it is at.
import type { Progress, Upgrade } from "../api/types";
import { useText } from "../i18n";
import { bytes, duration, percent } from "../lib/format";
import { Icon } from "../ui/icons";
import { Badge, type Tone } from "../ui/parts";
import { Ago } from "../ui/time";
import { current, stationsOf, type Lane, type Station } from "./journey";

const kLaneOrder: readonly Lane[] = ["business", "device", "ftp"];

interface JourneyProps {
  upgrade: Upgrade;
  progress?: Progress | undefined;
}

export function Journey({ upgrade, progress }: JourneyProps) {
  const { t } = useText();
  const stations = stationsOf(upgrade, progress?.estimated ? undefined : progress);
  return (
    <div class="journey">
      <div class="journey-map">
        {kLaneOrder.map((lane) => (
          <div key={lane} class={`lane ${lane}`} aria-hidden="true">
            {t(`lane.${lane}`)}
          </div>
        ))}
        <Route stations={stations} />
        <ol class="stations" aria-label={t("journey.stations")}>
          {stations.map((station) => (
            <StationItem key={station.name} station={station} />
          ))}
        </ol>
      </div>
      <Now upgrade={upgrade} station={current(stations)} />
      {progress?.estimated && upgrade.outcome === "running" && <Estimate progress={progress} />}
    </div>
  );
}

// Between two stations; as wide as a station, whose centre is at the half.
const kWidth = 100;
const kHeight = 100;

function Route({ stations }: { stations: Station[] }) {
  const points = stations.map((station, index) => ({
    x: (index + 0.5) * kWidth,
    y: (kLaneOrder.indexOf(station.lane) + 0.5) * kHeight,
    state: station.state,
  }));
  const box = `0 0 ${stations.length * kWidth} ${kLaneOrder.length * kHeight}`;
  return (
    <svg class="route" viewBox={box} preserveAspectRatio="none" aria-hidden="true">
      {points.slice(1).map((to, index) => {
        const from = points[index] ?? to;
        const middle = (from.x + to.x) / 2;
        const path = `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
        return <path key={to.x} class={`leg ${to.state}`} d={path} vector-effect="non-scaling-stroke" />;
      })}
    </svg>
  );
}

function StationItem({ station }: { station: Station }) {
  const { t, language } = useText();
  const { name, lane, state, step, share } = station;
  return (
    <li class={`station ${lane} ${state}`} aria-current={state === "now" ? "step" : undefined}>
      <span class="buoy">{kSigns[state] && <Icon name={kSigns[state]} />}</span>
      <span class="station-name">
        {t(`station.${name}`)} <span class="station-lane">{t(`lane.${lane}`)}</span>
      </span>
      <span class="hidden">{t(`state.${state}`)}</span>
      <span class="station-note number">
        {share !== undefined && <progress max={1} value={share} aria-label={t(`station.${name}`)} />}
        {share !== undefined ? percent(share, language) : step && note(step.milliseconds, step.bytes)}
      </span>
    </li>
  );
}

const kSigns = {
  done: "check",
  failed: "cross",
  skipped: undefined,
  now: undefined,
  away: undefined,
  waiting: undefined,
} as const;

function note(milliseconds: number, count: number): string {
  const parts = [milliseconds > 0 ? `+${duration(milliseconds)}` : "", count > 0 ? bytes(count) : ""];
  return parts.filter((part) => part !== "").join(" · ");
}

// One sentence for the station that the story is at; read aloud when it changes.
function Now({ upgrade, station }: { upgrade: Upgrade; station: Station | undefined }) {
  const { t, named } = useText();
  const last = upgrade.steps.at(-1);
  return (
    <p class="journey-now" role="status">
      <OutcomeBadge outcome={upgrade.outcome} />
      <span>
        {upgrade.outcome === "running" && station
          ? t(`now.${station.name}`)
          : t(`ended.${upgrade.outcome}`, { version: upgrade.version ?? "" })}
        {upgrade.error && <strong> {named("code", upgrade.error)}</strong>}
        {upgrade.outcome === "running" && last && (
          <span class="soft small">
            {" "}
            {t("now.heard")} <Ago time={last.time} />
          </span>
        )}
      </span>
    </p>
  );
}

// The device tells nothing while it is away: this is what others took.
function Estimate({ progress }: { progress: Progress }) {
  const { t, language } = useText();
  return (
    <p class="row middle">
      <progress max={100} value={progress.percent} aria-label={t("now.estimate.label")} />
      <span class="soft small">
        {t("now.estimate", { share: percent(progress.percent / 100, language) })} {t(`now.estimate.${progress.phase}`)}
      </span>
    </p>
  );
}

const kTones: Record<Upgrade["outcome"], Tone> = {
  confirmed: "good",
  reverted: "warn",
  refused: "bad",
  failed: "bad",
  nothing_newer: "",
  running: "accent",
};

export function OutcomeBadge({ outcome }: { outcome: Upgrade["outcome"] }) {
  const { t } = useText();
  return <Badge tone={kTones[outcome]}>{t(`outcome.${outcome}`)}</Badge>;
}
