// Failures before and after a release, with what chance leaves open about them.
import type { Comparison as Compared, Rate } from "../../api/types";
import { useText } from "../../i18n";
import { percent, count } from "../../lib/format";
import { Badge, Card, Empty, type Tone } from "../../ui/parts";

export function Comparison({ comparison }: { comparison: Compared }) {
  const { t } = useText();
  const { before, after, difference, low, high } = comparison;
  const top = Math.max(before.high ?? 0, after.high ?? 0, 0.01);
  const reach = Math.max(Math.abs(low ?? 0), Math.abs(high ?? 0), 0.01);
  return (
    <Card title={t("compare.title")} actions={<Verdict comparison={comparison} />}>
      {difference === null || low === null || high === null ? (
        <Empty title={t("compare.empty")}>{t("compare.empty.next")}</Empty>
      ) : (
        <>
          <RateLine name={t("compare.before")} rate={before} top={top} />
          <RateLine name={t("compare.after")} rate={after} top={top} />
          <Interval
            name={t("compare.difference")}
            estimate={difference}
            low={low}
            high={high}
            from={-reach}
            to={reach}
            tone={toneOf(comparison)}
            isSigned
          />
          <p class="soft small">{t("compare.how")}</p>
        </>
      )}
    </Card>
  );
}

function toneOf({ difference, significant }: Compared): Tone {
  return !significant || difference === null ? "" : difference > 0 ? "bad" : "good";
}

function Verdict({ comparison }: { comparison: Compared }) {
  const { t } = useText();
  const tone = toneOf(comparison);
  if (comparison.difference === null) {
    return null;
  }
  return (
    <Badge tone={tone}>
      {t(tone === "bad" ? "compare.worse" : tone === "good" ? "compare.better" : "compare.same")}
    </Badge>
  );
}

function RateLine({ name, rate, top }: { name: string; rate: Rate; top: number }) {
  const { t, language } = useText();
  const of = t("compare.of", { failures: count(rate.failures, language), attempts: count(rate.attempts, language) });
  return (
    <Interval
      name={name}
      note={of}
      estimate={rate.rate ?? 0}
      low={rate.low ?? 0}
      high={rate.high ?? top}
      from={0}
      to={top}
      tone=""
    />
  );
}

interface IntervalProps {
  name: string;
  note?: string;
  estimate: number;
  low: number;
  high: number;
  from: number;
  to: number;
  tone: Tone;
  isSigned?: boolean;
}

function Interval({ name, note, estimate, low, high, from, to, tone, isSigned }: IntervalProps) {
  const { language } = useText();
  const text = (share: number) => `${isSigned && share > 0 ? "+" : ""}${percent(share, language, 1)}`;
  // The ends keep clear of the edge, so that round caps and the point stay whole.
  const x = (share: number) => `${2 + (96 * (share - from)) / (to - from)}%`;
  return (
    <div class={`interval ${tone}`}>
      <span>
        {name}
        {note && <span class="soft small"> {note}</span>}
      </span>
      <svg aria-hidden="true">
        <line class="interval-axis" x1="0" x2="100%" y1="50%" y2="50%" />
        <line class="interval-zero" x1={x(0)} x2={x(0)} y1="0" y2="100%" />
        <line class="interval-range" x1={x(low)} x2={x(high)} y1="50%" y2="50%" />
        <circle class="interval-point" cx={x(estimate)} cy="50%" r="6" />
      </svg>
      <span class="interval-value number">
        {text(estimate)}{" "}
        <span class="soft small">
          [{text(low)}, {text(high)}]
        </span>
      </span>
    </div>
  );
}
