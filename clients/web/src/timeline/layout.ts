/** Heights of the lanes, shared by drawing, labels (timeline.css) and hit testing. Pixels. */
export const callLaneHeight = 52;
export const personLaneHeight = 68;

export const lanesHeight = (people: number) => callLaneHeight + people * personLaneHeight;

/** Which lane a height belongs to. */
export function laneAt(y: number): 'call' | number {
  return y < callLaneHeight ? 'call' : Math.floor((y - callLaneHeight) / personLaneHeight);
}
