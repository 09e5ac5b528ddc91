// The HTTP API (/openapi.json) as a load speaks it. Each request is checked, and named by its operation there.

import { check } from 'k6';
import { hmac } from 'k6/crypto';
import { b64encode } from 'k6/encoding';
import http, { type Answer } from 'k6/http';
import type { httpOperations } from '@ringback/schemas';
import { apiKey, apiSecret, url } from './settings.ts';

type Operation = keyof typeof httpOperations;

/** Longer than any load. Seconds. */
const tokenTtlSeconds = 24 * 3_600;

/** A join token (RFC 7519, HS256) of a user of the tenant, who may make, list and join calls. */
export function tokenFor(userId: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const video = { roomJoin: true, roomCreate: true, roomList: true };
  const claims = { iss: apiKey, aud: 'ringback', sub: userId, iat: now, exp: now + tokenTtlSeconds, video };
  const encode = (part: object) => b64encode(JSON.stringify(part), 'rawurl');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${hmac('sha256', apiSecret, signed, 'base64rawurl')}`;
}

/** A token by the way of people who come by link. Five a second an address, a hundred at once. */
export function becomeGuest(displayName: string): string {
  const answer = post('createGuest', '/v1/guests', { displayName });
  check(answer, { 'a guest gets a token': ({ status }) => status === 201 });
  return bodyOf<{ token: string }>(answer)?.token ?? '';
}

/** @throws Error where there is none: nothing can follow. */
export function createCall(token: string): string {
  const answer = post('createCall', '/v1/calls', { name: 'Load' }, token);
  check(answer, { 'a call is made': ({ status }) => status === 201 });
  const callId = bodyOf<{ callId: string }>(answer)?.callId;
  if (callId === undefined) throw new Error(`no call: ${answer.status} ${answer.body ?? ''}`);
  return callId;
}

/** Looks for a call in its maker's list, which may say that it is not so far yet. */
export function findInList(token: string, callId: string, seq: number): void {
  const answer = get('listCalls', `/v1/calls?limit=10&atLeast=${callId}:${seq}`, token);
  const list = bodyOf<{ calls?: { callId: string }[]; stale?: boolean }>(answer);
  const isThere = list?.stale === true || (list?.calls ?? []).some((call) => call.callId === callId);
  check(answer, { 'the list has the call': ({ status }) => status === 200 && isThere });
}

/** Reads a call's timeline page by page: every event up to `seq`, each once. */
export function readTimeline(token: string, callId: string, seq: number): void {
  let last = 0;
  let isWhole = true;
  for (let after: number | undefined = 0; after !== undefined;) {
    const answer = get('getEvents', `/v1/calls/${callId}/events?after=${after}`, token);
    const page = bodyOf<{ events?: { sequence: number }[]; next?: number }>(answer);
    isWhole &&= answer.status === 200;
    for (const { sequence } of page?.events ?? []) {
      isWhole &&= sequence === last + 1;
      last = sequence;
    }
    after = page?.next;
  }
  check(last, { 'the timeline is whole': () => isWhole && last >= seq });
}

function post(name: Operation, path: string, body: object, token?: string): Answer {
  const headers = { 'content-type': 'application/json', ...bearer(token) };
  return http.post(`${url}${path}`, JSON.stringify(body), { headers, tags: { name } });
}

function get(name: Operation, path: string, token: string): Answer {
  return http.get(`${url}${path}`, { headers: bearer(token), tags: { name } });
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function bodyOf<T>(answer: Answer): Partial<T> | undefined {
  try {
    return answer.json() as Partial<T>;
  } catch {
    return undefined;
  }
}
