// How far devices came with a release: of those that saw their window, how many jumped, downloaded, ... confirmed.
import type { Funnel } from "../../api/types";
import { useText } from "../../i18n";
import { Bars } from "../../ui/bars";

const kSteps = ["window", "jump", "downloading", "downloaded", "burnt", "trial", "confirmed"] as const;
const kExits = [
  ["refused", "bad"],
  ["reverted", "warn"],
  ["failed", "bad"],
] as const;

export function FunnelBars({ funnel }: { funnel: Funnel }) {
  const { t } = useText();
  const reached = reachedBy(funnel);
  const whole = reached[0] ?? 0;
  const steps = kSteps.map((step, index) => ({
    id: step,
    name: t(`funnel.${step}`),
    value: reached[index] ?? 0,
    tone: step === "confirmed" ? ("good" as const) : ("accent" as const),
  }));
  const exits = kExits
    .filter(([exit]) => funnel[exit] > 0)
    .map(([exit, tone]) => ({ id: exit, name: t(`outcome.${exit}`), value: funnel[exit], tone }));
  return <Bars bars={[...steps, ...exits]} whole={whole} />;
}

// Whoever came to a step came to those before it, heard of or not: away from the business server a device tells little.
function reachedBy(funnel: Funnel): number[] {
  return kSteps.map((_, index) => Math.max(...kSteps.slice(index).map((step) => funnel[step])));
}
