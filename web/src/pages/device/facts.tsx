// What is known of a device, and the labels that an operator gives it.
import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { DeviceDetail } from "../../api/types";
import { useText } from "../../i18n";
import { count } from "../../lib/format";
import { FactList } from "../../ui/fact_list";
import { Field, Form } from "../../ui/form";
import { Card } from "../../ui/parts";
import { Ago } from "../../ui/time";

interface FactsProps {
  device: DeviceDetail;
  mayEdit: boolean;
  changed: (device: DeviceDetail) => void;
}

export function Facts({ device, mayEdit, changed }: FactsProps) {
  const { t } = useText();
  const [isEditing, setEditing] = useState(false);
  const edit = mayEdit && !isEditing && (
    <button type="button" class="button slim" onClick={() => setEditing(true)}>
      {t("facts.edit")}
    </button>
  );
  const submit = async ({ group = "", note = "" }: Record<string, string>) => {
    changed(await send<DeviceDetail>("PATCH", `/devices/${device.device}`, { group, note }));
    setEditing(false);
  };
  return (
    <Card title={t("facts.title")} actions={edit}>
      {isEditing ? (
        <Form submit={submit} action={t("save")} isRow>
          <Field label={t("filter.group")} name="group" value={device.group} maxLength={64} />
          <Field label={t("device.note")} name="note" value={device.note} maxLength={1000} />
        </Form>
      ) : (
        <DeviceFacts device={device} />
      )}
    </Card>
  );
}

function DeviceFacts({ device }: { device: DeviceDetail }) {
  const { t, named, language } = useText();
  const refused = Object.entries(device.refused).map(
    ([reason, times]) => `${named("refusal", reason)} ${count(times, language)}`,
  );
  return (
    <FactList
      facts={[
        [t("filter.group"), device.group || "–"],
        [t("device.note"), device.note || "–"],
        [t("filter.version"), device.version ?? "–"],
        [t("sequence"), device.sequence ?? "–"],
        [t("device.first_seen"), <Ago time={device.first_seen} />],
        [t("device.last_seen"), <Ago time={device.last_seen} />],
        [t("device.refused"), refused.join(", ") || "–"],
      ]}
    />
  );
}
