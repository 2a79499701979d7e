// A device's readings: the newest of each, and one of them over time.
import { useState } from "preact/hooks";
import { apiUrl } from "../../api/client";
import type { DeviceDetail, Latest } from "../../api/types";
import { useText } from "../../i18n";
import { measure } from "../../lib/format";
import { Icon } from "../../ui/icons";
import { Badge, Card, Empty } from "../../ui/parts";
import { Ago } from "../../ui/time";
import { ReadingChart } from "./reading_chart";

interface ReadingsProps {
  device: DeviceDetail;
  beat: number;
}

export function Readings({ device, beat }: ReadingsProps) {
  const { t } = useText();
  const numeric = device.latest.filter((reading) => reading.value !== undefined);
  const [chosen, choose] = useState("");
  const shown = numeric.find((reading) => reading.name === chosen) ?? numeric[0];
  const csv = (
    <a
      class="button slim"
      href={apiUrl("/export/readings", { format: "csv", device: device.device })}
      download="readings.csv"
    >
      <Icon name="download" />
      CSV
    </a>
  );
  return (
    <Card title={t("readings.title")} actions={device.latest.length > 0 && csv}>
      {device.latest.length === 0 ? (
        <Empty title={t("readings.empty")}>
          <p>{t("readings.empty.next")}</p>
        </Empty>
      ) : (
        <div class="readings">
          <ul class="latest" aria-label={t("readings.latest")}>
            {device.latest.map((reading) => (
              <LatestReading key={reading.name} reading={reading} isShown={reading === shown} choose={choose} />
            ))}
          </ul>
          {shown && <ReadingChart device={device.device} name={shown.name} unit={shown.unit} beat={beat} />}
        </div>
      )}
    </Card>
  );
}

interface LatestReadingProps {
  reading: Latest;
  isShown: boolean;
  choose: (name: string) => void;
}

function LatestReading({ reading, isShown, choose }: LatestReadingProps) {
  const { t, language } = useText();
  const { name, value, unit, text, time, outlier } = reading;
  return (
    <li>
      <button type="button" aria-pressed={isShown} disabled={value === undefined} onClick={() => choose(name)}>
        <span class="soft small wrap">
          {name} {outlier && <Badge tone="warn">{t("readings.outlier")}</Badge>}
        </span>
        <span class="latest-value number wrap">
          {value === undefined ? text : measure(value, language)} <span class="soft">{unit}</span>
        </span>
        <span class="soft small">
          <Ago time={time} isDevices />
        </span>
      </button>
    </li>
  );
}
