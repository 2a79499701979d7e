// One reading over time: zoomed by the mouse or by keys, in the resolution that the hub finds right for the span.
import { useEffect, useMemo, useState } from "preact/hooks";
import { apiUrl } from "../../api/client";
import type { Series, Statistics } from "../../api/types";
import { annotate } from "../../charts/annotate";
import { Chart, type Line } from "../../charts/chart";
import type { Span } from "../../charts/span";
import { useText } from "../../i18n";
import { measure, signed } from "../../lib/format";
import { useDocument } from "../../lib/load";
import { useThrottled } from "../../lib/timers";
import { Choice } from "../../ui/choice";
import { FactList } from "../../ui/fact_list";
import { Await, Empty } from "../../ui/parts";

const kDays = { day: 1, week: 7, month: 30 } as const;
type Range = keyof typeof kDays;
const kRefresh = 5000; // ms between two looks at a chart that grows

interface ReadingChartProps {
  device: string;
  name: string;
  unit: string;
  beat: number;
}

export function ReadingChart({ device, name, unit, beat }: ReadingChartProps) {
  const { t } = useText();
  const [range, setRange] = useState<Range>("day");
  const [zoom, setZoom] = useState<Span>();
  const span = useMemo(
    () => zoom ?? { from: Math.floor(Date.now() / 1000) - kDays[range] * 86400, to: undefined },
    [zoom, range],
  );
  const path = `/devices/${device}`;
  const series = useDocument<Series>(apiUrl(`${path}/series`, { name, ...span }));
  const statistics = useDocument<Statistics>(apiUrl(`${path}/statistics`, { name, ...span }));
  const refresh = useThrottled(() => [series, statistics].forEach((document) => document.reload()), kRefresh);
  useEffect(() => {
    if (beat > 0 && !zoom) {
      refresh();
    }
  }, [beat]);
  const ranges = (Object.keys(kDays) as Range[]).map((value) => ({ value, text: t(`range.${value}`) }));
  const choose = (value: Range) => {
    setZoom(undefined);
    setRange(value);
  };
  return (
    <div class="reading-chart">
      <div class="row middle">
        <h3 class="grow wrap">{name}</h3>
        {zoom && (
          <button type="button" class="button slim" onClick={() => setZoom(undefined)}>
            {t("chart.reset")}
          </button>
        )}
        <Choice label={t("range")} options={ranges} value={range} choose={choose} />
      </div>
      <Await of={series}>
        {(data) =>
          data.time.length === 0 ? (
            <Empty title={t("chart.none")} />
          ) : (
            <Lines series={data} statistics={statistics.data} unit={unit} onSpan={setZoom} />
          )
        }
      </Await>
      {statistics.data && <Described statistics={statistics.data} />}
    </div>
  );
}

interface LinesProps {
  series: Series;
  statistics: Statistics | undefined;
  unit: string;
  onSpan: (span: Span) => void;
}

function Lines({ series, statistics, unit, onSpan }: LinesProps) {
  const { t, language } = useText();
  const isBand = series.resolution !== "raw";
  const drawn = useMemo(() => annotate(series, statistics), [series, statistics]);
  const lines = useMemo<Line[]>(() => {
    const mean: Line = { name: isBand ? t("stat.mean") : series.name, values: drawn.mean, colour: "accent" };
    const max: Line = { name: t("stat.max"), values: drawn.max, colour: "accent", look: "edge" };
    const min: Line = { name: t("stat.min"), values: drawn.min, colour: "accent", look: "edge" };
    const unusual: Line = { name: t("stat.outliers"), values: drawn.unusual, colour: "bad", look: "points" };
    return isBand ? [mean, max, min, unusual] : [mean, unusual];
  }, [drawn, isBand, language]);
  return <Chart label={series.name} unit={unit} time={drawn.time} lines={lines} isBand={isBand} onSpan={onSpan} />;
}

function Described({ statistics }: { statistics: Statistics }) {
  const { t, language } = useText();
  const value = (number: number | null) => (number === null ? "–" : `${measure(number, language)} ${statistics.unit}`);
  const trend =
    statistics.rate_per_hour === null ? "–" : `${signed(statistics.rate_per_hour, language)} ${statistics.unit}/h`;
  return (
    <FactList
      isSlim
      facts={[
        [t("stat.min"), value(statistics.min)],
        [t("stat.median"), value(statistics.median)],
        [t("stat.mean"), value(statistics.mean)],
        [t("stat.max"), value(statistics.max)],
        [t("stat.trend"), trend],
        [t("stat.gaps"), statistics.gaps.length],
        [t("stat.outliers"), statistics.outliers.length],
      ]}
    />
  );
}
