// Amounts side by side. Widths are attributes, for a strict content security policy forbids inline styles.
import type { ComponentChildren } from "preact";
import { useText } from "../i18n";
import { count, percent } from "../lib/format";
import type { Tone } from "./parts";

export interface Bar {
  id: string;
  name: ComponentChildren;
  value: number;
  tone?: Tone;
  note?: string;
}

// `whole`: what a full bar stands for; the largest value if not given.
export function Bars({ bars, whole }: { bars: Bar[]; whole?: number }) {
  const { language } = useText();
  const full = Math.max(1, whole ?? Math.max(...bars.map((bar) => bar.value)));
  return (
    <ul class="bars">
      {bars.map((bar) => (
        <li key={bar.id}>
          <span class="bar-name">{bar.name}</span>
          <span class="bar-value number">
            {count(bar.value, language)}
            <span class="soft"> {bar.note ?? percent(bar.value / full, language)}</span>
          </span>
          <Meter share={bar.value / full} tone={bar.tone ?? "accent"} />
        </li>
      ))}
    </ul>
  );
}

export function Meter({ share, tone = "accent" }: { share: number; tone?: Tone }) {
  const width = Math.min(1, Math.max(0, share)) * 100;
  return (
    <svg class={`meter ${tone}`} aria-hidden="true">
      <rect class="meter-ground" width="100%" height="100%" rx="3" />
      <rect class="meter-fill" width={`${width}%`} height="100%" rx="3" />
    </svg>
  );
}
