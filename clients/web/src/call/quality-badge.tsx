import type { Route } from '@ringback/schemas';
import type { PeerQuality } from '@ringback/sdk';
import { bitrateWords, roundTripWords, routeWords, type Quality } from '../text/quality-words.ts';
import { Popover } from '../ui/popover.tsx';

const bars = { good: 3, fair: 2, poor: 1, lost: 0 } as const;

/** How good the connection to somebody is; why, and which way it takes, on click. */
export function QualityBadge(props: {
  quality: Quality | undefined;
  measured: PeerQuality | undefined;
  kind: Route['kind'];
  label: string;
}) {
  const { quality, measured } = props;
  if (!quality) return null;
  return (
    <Popover
      label={`${props.label}: ${quality.word}. ${quality.reasons.join(' ')}`}
      buttonClass={`tile-button quality ${quality.word}`}
      panelClass="quality-details"
      role="group"
      testId="quality"
      data={{ 'data-word': quality.word }}
      face={<Bars filled={bars[quality.word]} />}
    >
      {() => (
        <>
          <p>
            <strong>{quality.word}</strong>
            {quality.reasons.map((reason) => (
              <span key={reason}>{reason}</span>
            ))}
          </p>
          <dl>
            <Row name="Way" value={routeWords(props.kind, measured?.pair)} />
            {measured && <Measures measured={measured} />}
          </dl>
        </>
      )}
    </Popover>
  );
}

function Measures({ measured }: { measured: PeerQuality }) {
  const { currentRoundTripTime, bitrateIn, bitrateOut, frameWidth, frameHeight, framesPerSecond } = measured;
  const picture =
    frameWidth && `${frameWidth} × ${frameHeight}, ${Math.round(framesPerSecond ?? 0)} a second`;
  return (
    <>
      {currentRoundTripTime !== undefined && (
        <Row name="Round trip" value={roundTripWords(currentRoundTripTime)} />
      )}
      {bitrateIn > 0 && <Row name="Arrives" value={bitrateWords(bitrateIn)} />}
      {bitrateOut > 0 && <Row name="Is sent" value={bitrateWords(bitrateOut)} />}
      {picture && <Row name="Picture" value={picture} />}
    </>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="nums">{value}</dd>
    </div>
  );
}

function Bars({ filled }: { filled: number }) {
  return (
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
  );
}
