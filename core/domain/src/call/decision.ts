import { reject, type CallEventBody, type Rejection, type RejectionCode } from '@ringback/schemas';

export type Decision =
  /** These facts, maybe none where nothing changes. */
  | { readonly kind: 'accepted'; readonly events: readonly CallEventBody[] }
  /** This command had its effect already; the reply is the one given then. */
  | { readonly kind: 'repeated'; readonly seq: number }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export const accept = (...events: CallEventBody[]): Decision => ({ kind: 'accepted', events });
export const refuse = (code: RejectionCode, detail?: string, field?: string): Decision => ({
  kind: 'rejected',
  rejection: reject(code, detail, field),
});
