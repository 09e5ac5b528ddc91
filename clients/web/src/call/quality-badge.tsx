import { useId, useState } from 'preact/hooks';
import type { PeerQuality } from '@ringback/sdk';

const bars = { good: 3, fair: 2, poor: 1, lost: 0 } as const;

/** How good the connection to somebody is; the reason in words on hover, tap or focus. */
export function QualityBadge({ quality, name }: { quality: PeerQuality | undefined; name: string }) {
  const [open, setOpen] = useState(false);
  const tipId = useId();
  if (!quality) return null;
  const filled = bars[quality.word];
  return (
    <span
      class={open ? 'quality open' : 'quality'}
      onMouseEnter={() => setOpen(true)}
      onMouseLeave={() => setOpen(false)}
    >
      <button
        type="button"
        class={`quality-button ${quality.word}`}
        aria-label={`Connection to ${name}: ${quality.word}`}
        aria-describedby={tipId}
        data-testid="quality"
        data-word={quality.word}
        onClick={() => setOpen(true)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(key) => {
          if (key.key === 'Escape') setOpen(false);
        }}
      >
        <svg width="18" height="16" viewBox="0 0 18 16" aria-hidden="true">
          {[0, 1, 2].map((i) => (
            <rect
              key={i}
              x={1 + i * 6}
              y={11 - i * 4.5}
              width="4"
              height={4 + i * 4.5}
              rx="1"
              fill="currentColor"
              opacity={i < filled ? 1 : 0.3}
            />
          ))}
        </svg>
      </button>
      <span class="quality-tip" role="tooltip" id={tipId}>
        <strong>{quality.word}</strong> {quality.reason}
        {quality.currentRoundTripTime !== undefined && (
          <span class="nums"> Round trip {roundTripWords(quality.currentRoundTripTime)}.</span>
        )}
        {quality.pair && (
          <span>
            {' '}
            {quality.pair.localCandidateType === 'relay' || quality.pair.remoteCandidateType === 'relay'
              ? 'Through a relay.'
              : 'Directly.'}
          </span>
        )}
      </span>
    </span>
  );
}

function roundTripWords(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  return ms < 1 ? 'under 1 ms' : `${ms} ms`;
}
