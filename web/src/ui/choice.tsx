// One of a few: a row of buttons of which one is pressed.
interface ChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; text: string; title?: string }[];
  value: T;
  choose: (value: T) => void;
}

export function Choice<T extends string>({ label, options, value, choose }: ChoiceProps<T>) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          title={option.title}
          onClick={() => choose(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}
