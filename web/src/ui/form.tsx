// Fields, and a form that sends once at a time and says what went wrong.
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useState } from "preact/hooks";
import type { ApiError } from "../api/client";
import { noted } from "../lib/load";
import { Failure } from "./parts";

interface FieldProps {
  label: string;
  name: string;
  id?: string; // where a page has two of that name
  hint?: string;
  type?: "text" | "password" | "number";
  value?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  autoComplete?: string;
}

// Preact types inputs by the role of each type; here the type is a value.
type Attributes = InputHTMLAttributes<HTMLInputElement>;

export function Field({ label, hint, id, ...input }: FieldProps) {
  const own = id ?? input.name;
  const hintId = hint ? `${own}-hint` : undefined;
  return (
    <div class="field grow">
      <label for={own}>{label}</label>
      <input id={own} type="text" aria-describedby={hintId} spellcheck={false} {...(input as Attributes)} />
      {hint && (
        <span class="hint" id={hintId}>
          {hint}
        </span>
      )}
    </div>
  );
}

interface SelectProps {
  label: string;
  name: string;
  options: readonly { value: string; text: string }[];
  value: string;
  choose?: (value: string) => void;
}

export function Select({ label, name, options, value, choose }: SelectProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name} value={value} onChange={(event) => choose?.(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FormProps {
  submit: (values: Record<string, string>) => Promise<void>;
  action: string; // the button's text
  children: ComponentChildren;
  isRow?: boolean;
}

export function Form({ submit, action, children, isRow }: FormProps) {
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setBusy(true);
    try {
      await submit(Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)])));
      setError(undefined);
      form.reset();
    } catch (failure) {
      setError(noted(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={onSubmit}>
      {error && <Failure error={error} />}
      <div class={isRow ? "row" : "form"}>
        {children}
        <button type="submit" class="button main-action" disabled={isBusy}>
          {action}
        </button>
      </div>
    </form>
  );
}
