// A time as people say it, with the exact one behind it; it grows older by itself.
import { useEffect, useState } from "preact/hooks";
import { useText } from "../i18n";
import { ago, dateTime, duration } from "../lib/format";

const kRefresh = 15_000;
const kClocksAgree = 60; // seconds

interface AgoProps {
  time: number | null; // UTC seconds
  isDevices?: boolean; // by the clock of a device, which may be fast
}

export function Ago({ time, isDevices }: AgoProps) {
  const { t, language } = useText();
  const now = useNow();
  if (time === null) {
    return <span class="soft">{t("never")}</span>;
  }
  const isAhead = isDevices && time - now > kClocksAgree;
  const iso = new Date(time * 1000).toISOString();
  return (
    <time dateTime={iso} title={dateTime(time, language)}>
      {isAhead ? t("clock.fast", { by: duration((time - now) * 1000) }) : ago(time, now, language)}
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
