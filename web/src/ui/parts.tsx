// The small parts that all pages are made of.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ApiError } from "../api/client";
import { useText } from "../i18n";
import type { Loaded } from "../lib/load";
import { Ferry } from "./icons";

type Children = { children?: ComponentChildren };
export type Tone = "good" | "warn" | "bad" | "accent" | "";

interface PageHeadProps extends Children {
  title: string;
  subtitle?: ComponentChildren;
  crumb?: { href: string; text: string };
}

// Takes the focus when a page opens, so that a screen reader says where one is.
export function PageHead({ title, subtitle, crumb, children }: PageHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Ferry`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header class="page-head">
      <div>
        {crumb && (
          <a class="crumb" href={crumb.href}>
            {crumb.text}
          </a>
        )}
        <h1 tabIndex={-1} ref={heading} class="wrap">
          {title}
        </h1>
        {subtitle && <p>{subtitle}</p>}
      </div>
      {children && <div class="row middle">{children}</div>}
    </header>
  );
}

interface CardProps extends Children {
  title: string;
  actions?: ComponentChildren;
  flush?: boolean; // the body has distances of its own
}

export function Card({ title, actions, flush, children }: CardProps) {
  return (
    <section class="card" aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {actions}
      </div>
      <div class={flush ? "card-body flush" : "card-body"}>{children}</div>
    </section>
  );
}

export function Badge({ tone = "", children }: Children & { tone?: Tone }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function Dot({ tone = "" }: { tone?: Tone }) {
  return <span class={`dot ${tone}`} aria-hidden="true" />;
}

interface FigureProps {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
  href: string;
}

export function Figure({ name, value, note, href }: FigureProps) {
  return (
    <a class="card figure" href={href}>
      <dl>
        <dt>{name}</dt>
        <dd>{value}</dd>
        {note && <dd>{note}</dd>}
      </dl>
    </a>
  );
}

// Nothing here yet: says so, and what to do next.
export function Empty({ title, children }: Children & { title: string }) {
  return (
    <div class="empty">
      <Ferry />
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Loading() {
  const { t } = useText();
  return (
    <div class="loading" role="status">
      <span class="hidden">{t("loading")}</span>
    </div>
  );
}

export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  const { t } = useText();
  return (
    <div class="notice bad" role="alert">
      <span class="grow">{useReason(error)}</span>
      {retry && (
        <button type="button" class="button slim" onClick={retry}>
          {t("retry")}
        </button>
      )}
    </div>
  );
}

// What went wrong, in the reader's language where the code is known, else in the hub's words.
function useReason(error: ApiError): string {
  const { t, named, language } = useText();
  if (error.code === "too_many_attempts" && error.retryAfter > 0) {
    return t("error.wait", { seconds: error.retryAfter });
  }
  const known = named("error", error.code);
  return error.message === "" || language !== "en" || error.code === "wrong_login" ? known : error.message;
}

interface AwaitProps<T> {
  of: Loaded<T>;
  children: (data: T) => ComponentChildren;
}

// What was loaded, or why it is not there.
export function Await<T>({ of: loaded, children }: AwaitProps<T>) {
  return (
    <>
      {loaded.error && <Failure error={loaded.error} retry={loaded.reload} />}
      {loaded.data !== undefined ? children(loaded.data) : !loaded.error && <Loading />}
    </>
  );
}
