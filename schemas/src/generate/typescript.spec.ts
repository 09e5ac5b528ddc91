import { expect, it } from 'vitest';
import type * as flat from '../../generated/contract.d.ts';
import type * as contract from '../index.ts';
import { contractTypes, exportedNames } from './typescript.ts';

/** Each can stand for the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

/** What does not compile here is generated wrong. */
const same = {
  CallEvent: true satisfies Same<flat.CallEvent, contract.CallEvent>,
  CallSummary: true satisfies Same<flat.CallSummary, contract.CallSummary>,
  CallView: true satisfies Same<flat.CallView, contract.CallView>,
  Capabilities: true satisfies Same<flat.Capabilities, contract.Capabilities>,
  ClientCommandType: true satisfies Same<flat.ClientCommandType, contract.ClientCommandType>,
  CommandMessage: true satisfies Same<flat.CommandMessage, contract.CommandMessage>,
  IceServer: true satisfies Same<flat.IceServer, contract.IceServer>,
  Layers: true satisfies Same<flat.Layers, contract.Layers>,
  ParticipantView: true satisfies Same<flat.ParticipantView, contract.ParticipantView>,
  Presence: true satisfies Same<flat.Presence, contract.Presence>,
  Rejection: true satisfies Same<flat.Rejection, contract.Rejection>,
  RejectionCode: true satisfies Same<flat.RejectionCode, contract.RejectionCode>,
  RouteKind: true satisfies Same<flat.RouteKind, contract.RouteKind>,
  RouteReason: true satisfies Same<flat.RouteReason, contract.RouteReason>,
  TelemetryEvent: true satisfies Same<flat.TelemetryEvent, contract.TelemetryEvent>,
  TelemetryPage: true satisfies Same<flat.TelemetryPage, contract.TelemetryPage>,
  TrackDescription: true satisfies Same<flat.TrackDescription, contract.TrackDescription>,
  TrackSource: true satisfies Same<flat.TrackSource, contract.TrackSource>,
  UserMessage: true satisfies Same<flat.UserMessage, contract.UserMessage>,
  UserPresence: true satisfies Same<flat.UserPresence, contract.UserPresence>,
};

it('every type of the contract that is generated is compared with its schema', () => {
  expect(Object.keys(same).sort()).toEqual([...exportedNames].sort());
});

it('names only what is there', () => {
  const text = contractTypes().replaceAll(/\/\*\*.*\*\//g, '');
  const declared = new Set([...text.matchAll(/^export type (\w+) =/gm)].map(([, name]) => name));
  const used = [...text.matchAll(/(?:[=:<|] )?\b([A-Z]\w+)\b/g)].map(([, name]) => name!);
  const builtIn = ['Array', 'Record'];
  expect(
    used.filter((name) => !declared.has(name) && !builtIn.includes(name) && !text.includes(`"${name}"`)),
  ).toEqual([]);
});
