/** A call and its echoes: circles that all touch in one point, where the sound began. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <circle cx="8" cy="16" r="5" fill="currentColor" />
      <circle cx="12" cy="16" r="9" stroke="currentColor" stroke-width="2.2" stroke-opacity="0.7" />
      <circle cx="16.5" cy="16" r="13.5" stroke="currentColor" stroke-width="2.2" stroke-opacity="0.4" />
    </svg>
  );
}

/** The same motif, large and faint, behind a page's title. */
export function Echoes() {
  const radii = [40, 74, 114, 160, 212, 270, 334];
  return (
    <svg class="echoes" viewBox="0 0 680 680" fill="none" aria-hidden="true">
      {radii.map((r, i) => (
        <circle
          key={r}
          cx={4 + r}
          cy="340"
          r={r}
          stroke="currentColor"
          stroke-width="1.5"
          opacity={1 - i * 0.12}
        />
      ))}
    </svg>
  );
}
