/** Why a camera, microphone or screen is not there. */
export type MediaProblem = 'insecure' | 'denied' | 'blocked-by-system' | 'missing' | 'in-use' | 'failed';

export type DeviceKind = 'camera' | 'microphone';
export type BrowserName = 'chromium' | 'firefox' | 'safari' | 'other';

/** W3C mediacapture-streams section 10.2 (getUserMedia) names the errors; browsers differ in their use of them. */
export function problemOf(error: unknown): MediaProblem {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      // Chromium says "Permission denied by system" where the operating system forbids it.
      return /system/i.test(message) ? 'blocked-by-system' : 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'in-use';
    default:
      return 'failed';
  }
}

export function browserName(userAgent: string): BrowserName {
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Chrom(e|ium)\//.test(userAgent)) return 'chromium';
  if (/Safari\//.test(userAgent)) return 'safari';
  return 'other';
}

const allowSteps: Record<BrowserName, (device: DeviceKind) => string> = {
  chromium: (device) =>
    `Click the icon left of the address, switch ${device} to “Allow”, then press “Try again”.`,
  firefox: (device) =>
    `Click the crossed-out ${device} in the address bar, remove “Blocked”, then press “Try again” and allow.`,
  safari: (device) =>
    `Choose Safari › Settings for This Website (on a phone: the “aA” menu), set ${device} to “Allow”, then press “Try again”.`,
  other: (device) => `Allow the ${device} for this site in your browser's settings, then press “Try again”.`,
};

/** What is wrong and what to click, in words for the person. */
export function problemHelp(
  problem: MediaProblem,
  device: DeviceKind,
  browser: BrowserName,
): { title: string; text: string } {
  switch (problem) {
    case 'insecure':
      return {
        title: `No ${device} over plain http`,
        text: 'Browsers give cameras and microphones to safe pages only. Open this page by https:// (or on localhost).',
      };
    case 'denied':
      return { title: `This page may not use your ${device}`, text: allowSteps[browser](device) };
    case 'blocked-by-system':
      return {
        title: `Your system keeps the ${device} from the browser`,
        text: `Allow the browser to use the ${device} in the privacy settings of your system, then press “Try again”.`,
      };
    case 'missing':
      return {
        title: `No ${device} found`,
        text: 'Connect one and press “Try again”. You can be in the call without.',
      };
    case 'in-use':
      return {
        title: `The ${device} is busy`,
        text: 'Another program or tab may be using it. Close that, then press “Try again”.',
      };
    case 'failed':
      return {
        title: `The ${device} did not start`,
        text: 'Unplug it and plug it in again, or choose another one.',
      };
  }
}
