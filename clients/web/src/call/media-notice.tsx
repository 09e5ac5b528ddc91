import type { LocalMedia } from '../media/local-media.ts';
import { browserName, problemHelp, type DeviceKind } from '../media/problems.ts';

/** What keeps a device from working, and what to click. */
export function MediaNotice(props: { media: LocalMedia; kind: DeviceKind; onRetry: () => void }) {
  const problem = props.media.problems[props.kind].value;
  if (problem === undefined) return null;
  const help = problemHelp(problem, props.kind, browserName(navigator.userAgent));
  return (
    <div class="notice" role="alert" data-testid={`${props.kind}-problem`} data-problem={problem}>
      <div class="grow">
        <strong>{help.title}</strong>
        {help.text}
      </div>
      {problem !== 'insecure' && (
        <button type="button" class="button compact" onClick={props.onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
