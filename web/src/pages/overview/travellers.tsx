// The devices on their way right now, each with its stations as a row of dots.
import { useText } from "../../i18n";
import { current, stationsOf, type Station } from "../../journey/journey";
import type { Traveller } from "../../journey/travellers";
import { shortId } from "../../lib/format";
import { address } from "../../lib/router";
import { Ago } from "../../ui/time";

const kMost = 5;

export function Travellers({ travellers }: { travellers: Traveller[] }) {
  const { t } = useText();
  if (travellers.length === 0) {
    return null;
  }
  return (
    <ul class="travellers" aria-label={t("releases.in_progress")}>
      {travellers.slice(0, kMost).map((traveller) => (
        <TravellerLine key={traveller.device} traveller={traveller} />
      ))}
    </ul>
  );
}

function TravellerLine({ traveller }: { traveller: Traveller }) {
  const { t } = useText();
  const stations = stationsOf({ steps: traveller.steps, outcome: "running" });
  const station = current(stations);
  return (
    <li>
      <a class="mono" href={address("device", traveller.device)}>
        {shortId(traveller.device)}
      </a>
      <Dots stations={stations} />
      <span>{station && t(`station.${station.name}`)}</span>
      <Ago time={traveller.heard} />
    </li>
  );
}

const kPitch = 12;

function Dots({ stations }: { stations: Station[] }) {
  const middle = kPitch / 2;
  const width = kPitch * stations.length;
  return (
    <svg class="dots" viewBox={`0 0 ${width} ${kPitch}`} width={width} height={kPitch} aria-hidden="true">
      <line x1={middle} x2={width - middle} y1={middle} y2={middle} />
      {stations.map(({ name, state }, index) => (
        <circle key={name} class={state} cx={middle + index * kPitch} cy={middle} r="4" />
      ))}
    </svg>
  );
}
