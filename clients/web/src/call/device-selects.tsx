import { canChooseSpeaker, type LocalMedia } from '../media/local-media.ts';
import type { DeviceKind } from '../media/problems.ts';

/** Which camera, microphone and speaker. A choice takes effect at once. */
export function DeviceSelects(props: {
  media: LocalMedia;
  onDevice: (kind: DeviceKind, deviceId: string) => void;
}) {
  const { media, onDevice } = props;
  const { cameraId, microphoneId } = media.choices.value;
  const devices = media.devices.value;
  const of = (kind: MediaDeviceKind) => devices.filter((d) => d.kind === kind);
  const current = (track: MediaStreamTrack | undefined) => track?.getSettings().deviceId;
  return (
    <div class="device-selects">
      <DeviceSelect
        label="Camera"
        devices={of('videoinput')}
        value={current(media.camera.value) ?? cameraId}
        onChange={(id) => onDevice('camera', id)}
      />
      <DeviceSelect
        label="Microphone"
        devices={of('audioinput')}
        value={current(media.microphone.value) ?? microphoneId}
        onChange={(id) => onDevice('microphone', id)}
      />
      {canChooseSpeaker && (
        <DeviceSelect
          label="Speaker"
          devices={of('audiooutput')}
          value={media.speakerId.value}
          onChange={(id) => media.choose({ speakerId: id })}
        />
      )}
    </div>
  );
}

function DeviceSelect(props: {
  label: string;
  devices: readonly MediaDeviceInfo[];
  value: string | undefined;
  onChange: (deviceId: string) => void;
}) {
  const id = `device-${props.label.toLowerCase()}`;
  const none = props.devices.length === 0;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        disabled={none}
        value={props.value ?? props.devices[0]?.deviceId ?? ''}
        onChange={(e) => props.onChange(e.currentTarget.value)}
      >
        {none && <option value="">The browser names none</option>}
        {props.devices.map((device, i) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${props.label} ${i + 1}`}
          </option>
        ))}
      </select>
    </div>
  );
}
