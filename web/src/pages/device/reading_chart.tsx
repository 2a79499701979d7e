// One reading over time: zoomed by the mouse or by keys, in the resolution that the hub finds right for the span.
import { useEffect, useMemo, useState } from "preact/hooks";
import { apiUrl } from "../../api/client";
import type { Series, Statistics } from "../../api/types";
import { Chart, type Line } from "../../charts/chart";
import type { Span } from "../../charts/span";
import { useText } from "../../i18n";
import { measure, signed } from "../../lib/format";
import { useDocument } from "../../lib/load";
import { useThrottled } from "../../lib/timers";
import { Choice } from "../../ui/choice";
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
  const span = useMemo(() => zoom ?? { from: Math.floor(Date.now() / 1000) - kDays[range] * 86400, to: undefined }, [zoom, range]);
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
        {(data) => (data.time.length === 0 ? <Empty title={t("chart.none")} /> : <Lines series={data} unit={unit} onSpan={setZoom} />)}
      </Await>
      {statistics.data && <Described statistics={statistics.data} />}
    </div>
  );
}

function Lines({ series, unit, onSpan }: { series: Series; unit: string; onSpan: (span: Span) => void }) {
  const { t } = useText();
  const isBand = series.resolution !== "raw";
  const [mean, max, min] = [t("stat.mean"), t("stat.max"), t("stat.min")];
  const lines = useMemo<Line[]>(
    () => [
      { name: isBand ? mean : series.name, values: series.mean, colour: "accent" },
      ...(isBand
        ? [
            { name: max, values: series.max, colour: "accent" as const, faint: true },
            { name: min, values: series.min, colour: "accent" as const, faint: true },
          ]
        : []),
    ],
    [series, mean],
  );
  return <Chart label={series.name} unit={unit} time={series.time} lines={lines} isBand={isBand} onSpan={onSpan} />;
}

function Described({ statistics }: { statistics: Statistics }) {
  const { t, language } = useText();
  const value = (number: number | null) => (number === null ? "–" : `${measure(number, language)} ${statistics.unit}`);
  const trend = statistics.rate_per_hour === null ? "–" : `${signed(statistics.rate_per_hour, language)} ${statistics.unit}/h`;
  const facts = [
    [t("stat.min"), value(statistics.min)],
    [t("stat.median"), value(statistics.median)],
    [t("stat.mean"), value(statistics.mean)],
    [t("stat.max"), value(statistics.max)],
    [t("stat.trend"), trend],
    [t("stat.gaps"), statistics.gaps.length],
    [t("stat.outliers"), statistics.outliers.length],
  ] as const;
  return (
    <dl class="facts slim">
      {facts.map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="number">{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
