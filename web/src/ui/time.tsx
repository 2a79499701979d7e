// A time as people say it, with the exact one behind it; it grows older by itself.
import { useEffect, useState } from "preact/hooks";
import { useText } from "../i18n";
import { ago, dateTime } from "../lib/format";

const kRefresh = 15_000;

export function Ago({ time }: { time: number | null }) {
  const { t, language } = useText();
  const now = useNow();
  if (time === null) {
    return <span class="soft">{t("never")}</span>;
  }
  const iso = new Date(time * 1000).toISOString();
  return (
    <time dateTime={iso} title={dateTime(time, language)}>
      {ago(time, now, language)}
    </time>
  );
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), kRefresh);
    return () => clearInterval(timer);
  }, []);
  return now;
}
