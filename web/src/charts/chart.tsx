// uPlot in a component: follows its width and the theme, zooms by mouse and by keys.
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useText } from "../i18n";
import { measure } from "../lib/format";
import { alone } from "./annotate";
import { colour, watchTheme, type Colour } from "./colours";
import { moved, type Span } from "./span";

export interface Line {
  name: string;
  values: (number | null)[];
  colour: Colour;
  fill?: boolean;
  look?: "edge" | "points"; // an edge of a band, or values that stand for themselves
}

interface ChartProps {
  label: string;
  unit?: string;
  time: number[]; // UTC seconds, ascending
  lines: Line[];
  isBand?: boolean; // the second and third line are the upper and lower edge of a band
  height?: number; // in rem
  onSpan?: (span: Span) => void; // somebody chose another span of time
}

export function Chart(props: ChartProps) {
  const { t, language } = useText();
  const frame = useRef<HTMLDivElement>(null);
  const plot = usePlot(frame, props, language, t("time"));
  const onKeyDown = (event: KeyboardEvent) => {
    const span = plot.current && moved(spanOf(plot.current), event.key);
    if (span && props.onSpan) {
      event.preventDefault();
      props.onSpan(span);
    }
  };
  const hint = props.onSpan ? `${props.label}. ${t("chart.keys")}` : props.label;
  return (
    <div
      class="chart"
      ref={frame}
      role="figure"
      aria-label={hint}
      tabIndex={props.onSpan ? 0 : -1}
      onKeyDown={onKeyDown}
    />
  );
}

// Made anew for other lines, another language or theme; other values only move the lines, so that a pointer over them
// keeps its place.
function usePlot(frame: RefObject<HTMLDivElement | null>, props: ChartProps, language: string, time: string) {
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const node = frame.current;
    if (!node) {
      return undefined;
    }
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(latest.current, node.clientWidth, language, time),
        dataOf(latest.current),
        node,
      );
    };
    draw();
    const resize = new ResizeObserver(() =>
      plot.current?.setSize({ width: node.clientWidth, height: heightOf(props) }),
    );
    resize.observe(node);
    const unwatch = watchTheme(() => requestAnimationFrame(draw));
    return () => {
      unwatch();
      resize.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [props.label, props.lines.map((line) => line.name).join("\n"), language]);
  useEffect(() => plot.current?.setData(dataOf(props)), [props.time, props.lines]);
  return plot;
}

const kDay = 86400;

// Sizes follow the text's, which is larger on a wall screen.
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
const heightOf = (props: ChartProps) => (props.height ?? 17.5) * rem();

function spanOf(plot: uPlot): Span {
  return { from: plot.scales.x?.min ?? 0, to: plot.scales.x?.max ?? 0 };
}

function dataOf({ time, lines }: ChartProps): uPlot.AlignedData {
  return [time, ...lines.map((line) => line.values)];
}

function optionsOf(props: ChartProps, width: number, language: string, time: string): uPlot.Options {
  const font = `${0.75 * rem()}px ${getComputedStyle(document.body).fontFamily}`;
  const axis = {
    font,
    stroke: colour("text-soft"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { stroke: colour("line"), width: 1 },
  };
  const values = (_: uPlot, ticks: number[]) => ticks.map((tick) => measure(tick, language));
  const options: uPlot.Options = {
    width,
    height: heightOf(props),
    legend: { live: true },
    cursor: { drag: { x: props.onSpan !== undefined, y: false, setScale: false }, points: { size: 7 } },
    scales: { x: { time: true } },
    axes: [
      { ...axis, values: timesOf(language), space: 4.5 * rem() },
      { ...axis, values, size: 3.5 * rem() },
    ],
    series: [
      { label: time, value: (_, at) => (at === null ? "–" : stamp(at, language)) },
      ...props.lines.map((line) => seriesOf(line, props.unit, language)),
    ],
    hooks: { setSelect: [(plot) => select(plot, props.onSpan)] },
  };
  return props.isBand ? { ...options, bands: [{ series: [2, 3], fill: faded(colour("accent")) }] } : options;
}

// Hours for short spans, days for long ones; the date stands below the first hour of each day.
function timesOf(language: string): uPlot.Axis.DynamicValues {
  const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
  const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (_, ticks, __, ___, step) => {
    const days = ticks.map((tick) => day.format(tick * 1000));
    const label = (tick: number, index: number) =>
      days[index] === days[index - 1] ? hour.format(tick * 1000) : `${hour.format(tick * 1000)}\n${days[index]}`;
    return step >= kDay ? days : ticks.map(label);
  };
}

function seriesOf(line: Line, unit: string | undefined, language: string): uPlot.Series {
  const stroke = colour(line.colour);
  const isEdge = line.look === "edge";
  const isPoints = line.look === "points";
  return {
    label: line.name,
    stroke: isEdge ? faded(stroke) : stroke,
    width: isPoints ? 0 : isEdge ? 1 : 2,
    points: isPoints
      ? { show: true, size: 8, fill: stroke }
      : { show: !isEdge, size: 5, fill: stroke, filter: (plot, index) => alone(plot.data[index] ?? []) },
    value: (_, value) => (value === null ? "–" : `${measure(value, language)} ${unit ?? ""}`),
    ...(line.fill ? { fill: faded(stroke) } : {}),
  };
}

function select(plot: uPlot, onSpan: ChartProps["onSpan"]): void {
  if (plot.select.width > 4) {
    const [from, to] = [plot.select.left, plot.select.left + plot.select.width].map((left) => plot.posToVal(left, "x"));
    onSpan?.({ from: from ?? 0, to: to ?? 0 });
  }
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

function stamp(seconds: number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);
}

// "rgb(1, 2, 3)" with a quarter of its strength
function faded(rgb: string): string {
  return rgb.replace(/^rgb\((.*)\)$/, "rgba($1, 0.22)");
}
