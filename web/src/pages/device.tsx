import { useState } from "preact/hooks";
import { apiUrl } from "../api/client";
import { useLive } from "../api/live";
import type { DeviceDetail, DeviceEvent, Progress, Role, Upgrade } from "../api/types";
import { useText } from "../i18n";
import { Journey } from "../journey/view";
import { useDocument } from "../lib/load";
import { address } from "../lib/router";
import { mayDo } from "../lib/session";
import { useThrottled } from "../lib/timers";
import { Await, Badge, Card, Empty, PageHead } from "../ui/parts";
import { Facts } from "./device/facts";
import { Life } from "./device/life";
import { Readings } from "./device/readings";
import { StateBadge } from "./devices";

const kPause = 150; // ms between an event and the question what it means
const kVisits = 30;
const kEvents = 100;

// All that is known of a device, kept up to date by its stream.
function useDevice(id: string) {
  const path = `/devices/${encodeURIComponent(id)}`;
  const device = useDocument<DeviceDetail>(apiUrl(path));
  const upgrades = useDocument<{ upgrades: Upgrade[] }>(apiUrl(`${path}/upgrades`, { limit: kVisits }));
  const events = useDocument<{ events: DeviceEvent[] }>(apiUrl(`${path}/events`, { order: "desc", limit: kEvents }));
  const [progress, setProgress] = useState<Progress>();
  const [beat, setBeat] = useState(0); // counts messages with readings
  const refresh = useThrottled(() => [device, upgrades, events].forEach((document) => document.reload()), kPause);
  const refreshDevice = useThrottled(device.reload, kPause);
  useLive(id, {
    onEvent: () => {
      setProgress(undefined);
      refresh();
    },
    onReadings: () => {
      setBeat((before) => before + 1);
      refreshDevice();
    },
    onProgress: setProgress,
    onOverview: refreshDevice, // online and offline have no event of their own
  });
  return { device, upgrades, events, progress, beat };
}

export function DevicePage({ id, role }: { id: string; role: Role }) {
  const { device, upgrades, events, progress, beat } = useDevice(id);
  const newest = upgrades.data?.upgrades[0];
  return (
    <>
      <Head id={id} device={device.data} isAway={newest?.outcome === "running"} />
      <JourneyCard
        upgrade={newest}
        isLoaded={upgrades.data !== undefined}
        progress={progress ?? newest?.progress ?? undefined}
      />
      <Await of={device}>
        {(data) => (
          <>
            <Readings device={data} beat={beat} />
            <Facts device={data} mayEdit={mayDo(role, "operator")} changed={device.set} />
          </>
        )}
      </Await>
      <Await of={upgrades}>
        {(data) => <Life device={id} upgrades={data.upgrades} events={events.data?.events ?? []} />}
      </Await>
    </>
  );
}

interface HeadProps {
  id: string;
  device: DeviceDetail | undefined;
  isAway: boolean;
}

function Head({ id, device, isAway }: HeadProps) {
  const { t } = useText();
  const title = device ? device.serial || id : t("device");
  return (
    <PageHead
      title={title}
      crumb={{ href: address("devices"), text: t("nav.devices") }}
      subtitle={device && <Identity device={device} />}
    >
      {device && <StateBadge device={device} isAway={isAway} />}
      {device?.version && <Badge tone="accent">{device.version}</Badge>}
    </PageHead>
  );
}

function Identity({ device }: { device: DeviceDetail }) {
  return (
    <>
      {device.product} <code class="wrap">{device.device}</code>
    </>
  );
}

interface JourneyCardProps {
  upgrade: Upgrade | undefined;
  isLoaded: boolean;
  progress: Progress | undefined;
}

function JourneyCard({ upgrade, isLoaded, progress }: JourneyCardProps) {
  const { t } = useText();
  const title = upgrade?.version ? t("journey.to", { version: upgrade.version }) : t("journey.title");
  return (
    <Card title={title}>
      {upgrade && <Journey upgrade={upgrade} progress={progress} />}
      {isLoaded && !upgrade && (
        <Empty title={t("journey.empty")}>
          <p>{t("journey.empty.next")}</p>
        </Empty>
      )}
    </Card>
  );
}
