// A device's life: its visits to the FTP server step by step, and what happened between them.
import { apiUrl } from "../../api/client";
import type { DeviceEvent, Kind, Step, Upgrade } from "../../api/types";
import { useText } from "../../i18n";
import { lifeOf } from "../../journey/life";
import { OutcomeBadge } from "../../journey/view";
import { bytes, clock, duration } from "../../lib/format";
import { Icon } from "../../ui/icons";
import { Badge, Card, Empty } from "../../ui/parts";
import { Ago } from "../../ui/time";
import { kKindTones } from "../overview/feed";

interface LifeProps {
  device: string;
  upgrades: Upgrade[];
  events: DeviceEvent[];
}

export function Life({ device, upgrades, events }: LifeProps) {
  const { t } = useText();
  const moments = lifeOf(upgrades, events);
  const csv = (
    <a class="button slim" href={apiUrl("/export/events", { format: "csv", device })} download="events.csv">
      <Icon name="download" />
      CSV
    </a>
  );
  return (
    <Card title={t("life.title")} actions={csv} flush>
      {moments.length === 0 && <Empty title={t("life.empty")}>{t("life.empty.next")}</Empty>}
      <ol class="life">
        {moments.map((moment) =>
          "visit" in moment ? (
            <li key={`visit ${moment.time}`}>
              <Visit visit={moment.visit} />
            </li>
          ) : (
            <li key={moment.event.id}>
              <Between event={moment.event} />
            </li>
          ),
        )}
      </ol>
    </Card>
  );
}

function Visit({ visit }: { visit: Upgrade }) {
  const { t, named } = useText();
  const cost = [visit.milliseconds > 0 && duration(visit.milliseconds), visit.bytes > 0 && bytes(visit.bytes)];
  return (
    <details>
      <summary>
        <Ago time={visit.started} />
        <span>
          {t(visit.version ? "life.visit.to" : "life.visit", { version: visit.version ?? "" })}
          {visit.error && <span class="soft"> · {named("code", visit.error)}</span>}
          <span class="soft small number"> {cost.filter(Boolean).join(" · ")}</span>
        </span>
        <OutcomeBadge outcome={visit.outcome} />
      </summary>
      <ol>
        {visit.steps.map((step, index) => (
          <StepLine key={index} step={step} />
        ))}
      </ol>
    </details>
  );
}

function StepLine({ step }: { step: Step }) {
  const { t, named, language } = useText();
  return (
    <li>
      <span class="soft number">{clock(step.time, language)}</span>
      <span>
        {t(`kind.${step.kind as Kind}`)}
        {step.error && <strong> · {named("code", step.error)}</strong>}
      </span>
      <span class="soft number small">{step.milliseconds > 0 && `+${duration(step.milliseconds)}`}</span>
    </li>
  );
}

function Between({ event }: { event: DeviceEvent }) {
  const { t, named } = useText();
  const why = event.error ? named("code", event.error) : event.version;
  return (
    <div class="life-line">
      <Ago time={event.received} />
      <span>
        {t(`kind.${event.kind}`)}
        {why && <span class="soft"> · {why}</span>}
      </span>
      <Badge tone={kKindTones[event.kind] ?? ""}>{t(`sort.${event.kind === "started" ? "start" : "note"}`)}</Badge>
    </div>
  );
}
