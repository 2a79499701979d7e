// Names and what stands behind them, side by side as there is room.
import type { ComponentChildren } from "preact";

interface FactListProps {
  facts: [name: string, value: ComponentChildren][];
  isSlim?: boolean; // of numbers, closer together
}

export function FactList({ facts, isSlim = false }: FactListProps) {
  return (
    <dl class={isSlim ? "facts slim number" : "facts"}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="wrap">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
