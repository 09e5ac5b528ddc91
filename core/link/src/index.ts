export { OwnerLink, type OwnerLinkPorts } from './owner-link.ts';
export type { Outcome } from './partition-link.ts';
