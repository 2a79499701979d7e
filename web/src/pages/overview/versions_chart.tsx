// Which versions the fleet ran, day by day.
import { useMemo } from "preact/hooks";
import { apiUrl } from "../../api/client";
import type { Versions } from "../../api/types";
import { Chart, type Line } from "../../charts/chart";
import { useText } from "../../i18n";
import { useDocument } from "../../lib/load";
import { useEvery } from "../../lib/timers";
import { Await, Card, Empty } from "../../ui/parts";

const kRefresh = 600_000; // ms
const kColours = ["accent", "good", "warn", "text-soft", "bad"] as const;

export function VersionsChart() {
  const { t } = useText();
  const versions = useDocument<Versions>(apiUrl("/versions"));
  useEvery(kRefresh, versions.reload);
  return (
    <Card title={t("overview.history")}>
      <Await of={versions}>
        {(data) =>
          data.time.length < 2 || Object.keys(data.versions).length === 0 ? (
            <Empty title={t("chart.empty")}>{t("chart.empty.next")}</Empty>
          ) : (
            <Lines versions={data} />
          )
        }
      </Await>
    </Card>
  );
}

function Lines({ versions }: { versions: Versions }) {
  const { t } = useText();
  const lines = useMemo(() => linesOf(versions, t("version.unknown")), [versions, t("version.unknown")]);
  return <Chart label={t("overview.history")} time={versions.time} lines={lines} height={15} />;
}

// The versions that most devices run now; a chart of more lines than colours says nothing.
function linesOf({ versions }: Versions, unknown: string): Line[] {
  return Object.entries(versions)
    .sort(([, one], [, other]) => (other.at(-1) ?? 0) - (one.at(-1) ?? 0))
    .slice(0, kColours.length)
    .map(([version, values], index) => ({
      name: version === "" ? unknown : version,
      values,
      colour: kColours[index] ?? "text-soft",
      fill: index === 0,
    }));
}
