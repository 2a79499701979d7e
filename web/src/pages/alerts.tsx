import { apiUrl, send } from "../api/client";
import { useLive } from "../api/live";
import type { Alert, Role, Severity } from "../api/types";
import { useText } from "../i18n";
import { noted, useDocument } from "../lib/load";
import { address } from "../lib/router";
import { mayDo } from "../lib/session";
import { Await, Badge, Empty, PageHead, type Tone } from "../ui/parts";
import { Ago } from "../ui/time";

const kTones: Record<Severity, Tone> = { critical: "bad", warning: "warn", info: "accent" };

export function AlertsPage({ role }: { role: Role }) {
  const { t } = useText();
  const alerts = useDocument<{ alerts: Alert[] }>(apiUrl("/alerts"));
  useLive("", { onOverview: alerts.reload, onAlert: alerts.reload });
  const acknowledge = (alert: Alert) =>
    send("POST", `/alerts/${encodeURIComponent(alert.id)}/acknowledge`)
      .catch(noted)
      .then(alerts.reload);
  return (
    <>
      <PageHead title={t("nav.alerts")} subtitle={t("alerts.lead")} />
      <Await of={alerts}>
        {(data) => (
          <div class="card">
            {data.alerts.length === 0 && <Empty title={t("alerts.empty")}>{t("alerts.empty.next")}</Empty>}
            <ul class="alerts">
              {data.alerts.map((alert) => (
                <AlertLine
                  key={alert.id}
                  alert={alert}
                  acknowledge={mayDo(role, "operator") ? acknowledge : undefined}
                />
              ))}
            </ul>
          </div>
        )}
      </Await>
    </>
  );
}

interface AlertLineProps {
  alert: Alert;
  acknowledge: ((alert: Alert) => void) | undefined; // undefined: not allowed
}

function AlertLine({ alert, acknowledge }: AlertLineProps) {
  const { t } = useText();
  const { device, serial, acknowledged, severity } = alert;
  return (
    <li class={acknowledged ? "settled" : ""}>
      <Badge tone={kTones[severity]}>{t(`severity.${severity}`)}</Badge>
      <div>
        <strong>{t(`alert.${alert.kind}`)}</strong>{" "}
        {device && <a href={address("device", device)}>{serial || device}</a>}
        <p class="soft wrap">{alert.message}</p>
      </div>
      <span class="soft small">
        <Ago time={alert.since} />
      </span>
      {acknowledged ? (
        <span class="soft small">{t("alerts.seen", { user: acknowledged.user })}</span>
      ) : (
        acknowledge && (
          <button type="button" class="button slim" onClick={() => acknowledge(alert)}>
            {t("alerts.acknowledge")}
          </button>
        )
      )}
    </li>
  );
}
