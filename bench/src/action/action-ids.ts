/** Actions are numbered, and the number is in the command's id: whoever sees the id knows when it was due. */

const prefix = 'be0c0000-0000-4000-8000-';
const numberDigits = 12;
const causation = `"causationid":"${prefix}`;
const reply = `"type":"reply","id":"${prefix}`;

/** A UUID, as command ids are. */
export function actionId(number: number): string {
  return prefix + number.toString(16).padStart(numberDigits, '0');
}

/** Calls `heard` with the number behind every event in the frame that an action of ours caused. */
export function eachEvent(frame: string, heard: (number: number) => void): void {
  for (let at = frame.indexOf(causation); at >= 0; at = frame.indexOf(causation, at))
    heard(numberAt(frame, (at += causation.length)));
}

/** … and behind every reply; `refusal` is the code, or `undefined` where it was done. */
export function eachReply(frame: string, heard: (number: number, refusal: string | undefined) => void): void {
  for (let at = frame.indexOf(reply); at >= 0; at = frame.indexOf(reply, at)) {
    const number = numberAt(frame, (at += reply.length));
    const rest = at + numberDigits;
    const ok = frame.startsWith('","ok":true', rest);
    heard(number, ok ? undefined : (/"code":"(\w+)"/.exec(frame.slice(rest))?.[1] ?? 'unreadable'));
  }
}

function numberAt(frame: string, at: number): number {
  return Number.parseInt(frame.slice(at, at + numberDigits), 16);
}
