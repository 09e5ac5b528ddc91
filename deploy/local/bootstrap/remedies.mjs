// @ts-check
// What went wrong in words, and what to do about it. Recognised by codes, never by message text.

/** A failure of the set-up or the start whose cause is known; `remedy` is what the person at the keyboard can do. */
export class SetupError extends Error {
  /** @param {string} message @param {string} remedy @param {{ cause?: unknown }} [options] */
  constructor(message, remedy, options) {
    super(message, options);
    this.remedy = remedy;
  }
}

const moveCache =
  'Set RINGBACK_CACHE to a folder that you can write to (and RINGBACK_HOME for the data), then run it again.';
const needNetwork =
  'Check the network and any proxy settings (HTTPS_PROXY), then run it again: what is already there is not fetched again.';

/** @type {Record<string, [string, string]>} */
const byCode = {
  ENOSPC: [
    'the disk is full',
    'Free some space (a first set-up needs about 2 GB, ~/.cache/ringback holds the larger parts), or set RINGBACK_CACHE to another disk, then run it again.',
  ],
  EDQUOT: [
    'the disk quota is used up',
    'Free some space or set RINGBACK_CACHE to another disk, then run it again.',
  ],
  EROFS: ['the file system is read-only', moveCache],
  EACCES: ['no permission to write', moveCache],
  EPERM: ['no permission', moveCache],
  ENOTFOUND: ['a host name was not found', needNetwork],
  EAI_AGAIN: ['host names can not be resolved', needNetwork],
  ECONNREFUSED: ['a connection was refused', needNetwork],
  ECONNRESET: ['a connection broke', needNetwork],
  ETIMEDOUT: ['a connection timed out', needNetwork],
  ENETUNREACH: ['the network is unreachable', needNetwork],
  EHOSTUNREACH: ['a host is unreachable', needNetwork],
  UND_ERR_CONNECT_TIMEOUT: ['a connection timed out', needNetwork],
  ERR_SOCKET_TIMEOUT: ['a connection timed out', needNetwork],
  EINTEGRITY: [
    'a package is not what the lock file says',
    'Run npm cache verify, then run it again. If it stays so, somebody between you and the registry changes packages.',
  ],
  EUSAGE: [
    'package-lock.json and package.json do not fit together',
    'Run git checkout package-lock.json; after changing dependencies, node deploy/local/complete-lock.mjs.',
  ],
};

/** @param {string | undefined} code an errno or npm code @returns {SetupError | undefined} */
export function errorForCode(code, /** @type {string} */ doing, /** @type {unknown} */ cause) {
  const known = code === undefined ? undefined : byCode[code];
  return known && new SetupError(`${doing}: ${known[0]} (${code})`, known[1], { cause });
}

/** Prints any error the way a person wants it: what, then what to do. @param {unknown} error */
export function describe(error) {
  const known = error instanceof SetupError ? error : errorForCode(codeOf(error), 'Set-up', error);
  if (known !== undefined) return `\n${known.message}\n\n  What to do: ${known.remedy}\n`;
  return `\n${error instanceof Error ? error.stack : String(error)}\n`;
}

/** fetch hides the system's code in `cause`. @param {unknown} error @returns {string | undefined} */
export function codeOf(error) {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}
