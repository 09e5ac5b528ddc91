import { preloadCallServer } from '@ringback/sdk';
import { useEffect, useState } from 'preact/hooks';
import type { LocalMedia } from '../media/local-media.ts';
import type { DeviceKind } from '../media/problems.ts';
import { timelinePath } from '../routes.ts';
import { cleanName } from '../session/display-name.ts';
import { identity } from '../session/identity.ts';
import { explain } from '../text/reasons.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { NameField } from '../ui/name-field.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { DeviceSelects } from './device-selects.tsx';
import type { Door } from './door.ts';
import { LevelMeter } from './level-meter.tsx';
import { MediaNotice } from './media-notice.tsx';
import { Video } from './video.tsx';

/** Before the call: see oneself, choose, name oneself. Every device is optional. */
export function Lobby(props: {
  callId: string;
  media: LocalMedia;
  door: Door;
  onJoin: (displayName: string) => void;
}) {
  const { media } = props;
  const closed = props.door === 'open' ? undefined : explain(props.door);
  const [name, setName] = useState(identity.value?.displayName ?? '');
  const [nameError, setNameError] = useState<string>();
  useEffect(() => {
    // First what the person sees; what a larger call needs comes behind it, while nobody waits.
    void media.open().then(preloadCallServer);
  }, [media]);

  const join = () => {
    const displayName = cleanName(name);
    if (displayName !== '') return props.onJoin(displayName);
    setNameError('Say what the others should call you.');
    document.getElementById('display-name')?.focus();
  };
  const choose = (kind: DeviceKind, deviceId: string) => {
    media.choose({ [kind]: true, [`${kind}Id`]: deviceId });
    void media.start(kind, deviceId);
  };
  return (
    <>
      <TopBar />
      <main class="lobby">
        <section class="lobby-preview" aria-label="Preview">
          <Preview media={media} />
          <LevelMeter track={media.microphone.value} />
          <MediaNotice media={media} kind="camera" onRetry={() => turnOn(media, 'camera')} />
          <MediaNotice media={media} kind="microphone" onRetry={() => turnOn(media, 'microphone')} />
        </section>
        <form
          class="lobby-form stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            join();
          }}
        >
          <h1>Ready to join?</h1>
          <NameField
            value={name}
            error={nameError}
            onInput={(value) => {
              setName(value);
              setNameError(undefined);
            }}
          />
          <DeviceSelects media={media} onDevice={choose} />
          {closed && (
            <div class="notice" role="status" data-testid="door" data-door={props.door}>
              <div class="grow">
                <strong>{closed.title}</strong>
                {closed.text} This page looks again by itself.
              </div>
            </div>
          )}
          <button
            type="submit"
            class="button primary"
            data-testid="lobby-join"
            disabled={closed !== undefined}
          >
            {joinLabel(media)}
          </button>
          <div class="row tight lobby-links">
            <CopyButton
              text={() => `${location.origin}${location.pathname}`}
              label="Copy the call's link"
              icon="link"
            />
            <a class="button compact quiet" href={timelinePath(props.callId)}>
              <Icon name="timeline" size={18} />
              Timeline
            </a>
          </div>
        </form>
      </main>
    </>
  );
}

function joinLabel(media: LocalMedia): string {
  const seen = media.camera.value !== undefined;
  const heard = media.microphone.value !== undefined;
  if (seen && heard) return 'Join';
  if (seen) return 'Join muted';
  return heard ? 'Join without camera' : 'Join to watch and listen';
}

function Preview({ media }: { media: LocalMedia }) {
  const camera = media.camera.value;
  return (
    <div class="preview-box">
      {camera ? <Video track={camera} mirrored /> : <p class="soft">{previewWords(media)}</p>}
      <div class="preview-controls">
        <Toggle media={media} kind="microphone" testId="lobby-mic-toggle" />
        <Toggle media={media} kind="camera" testId="lobby-camera-toggle" />
      </div>
    </div>
  );
}

function previewWords(media: LocalMedia): string {
  if (media.problems.camera.value) return 'No picture';
  return media.choices.value.camera ? 'Waiting for the camera: your browser may ask you.' : 'Camera off';
}

function Toggle(props: { media: LocalMedia; kind: DeviceKind; testId: string }) {
  const { media, kind } = props;
  const on = media[kind].value !== undefined;
  const label = `${on ? 'Turn off' : 'Turn on'} ${kind}`;
  const icon = kind === 'camera' ? ('camera' as const) : ('mic' as const);
  return (
    <button
      type="button"
      class={on ? 'round' : 'round off'}
      data-testid={props.testId}
      aria-label={label}
      title={label}
      onClick={() => (on ? turnOff(media, kind) : turnOn(media, kind))}
    >
      <Icon name={on ? icon : `${icon}-off`} size={24} />
    </button>
  );
}

function turnOn(media: LocalMedia, kind: DeviceKind): void {
  media.choose({ [kind]: true });
  void media.start(kind);
}

function turnOff(media: LocalMedia, kind: DeviceKind): void {
  media.choose({ [kind]: false });
  media.stop(kind);
}
