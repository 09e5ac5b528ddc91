import type { ErrorCode } from '@ringback/sdk';

export interface Explanation {
  title: string;
  text: string;
}

/** What a refusal means for the person in front of it, and what to do; undefined where the platform's own sentence says it. */
export function explain(code: ErrorCode): Explanation | undefined {
  switch (code) {
    case 'call_unknown':
      return {
        title: 'There is no such call',
        text: 'The link may be incomplete or mistyped. Ask for it again, or start a call of your own.',
      };
    case 'call_ended':
      return {
        title: 'This call has ended',
        text: 'Calls do not open again. Start a new one and share its link.',
      };
    case 'call_locked':
      return {
        title: 'The call is locked',
        text: 'Somebody inside locked it, so nobody new can join. Ask them to unlock it, then try again.',
      };
    case 'call_full':
      return {
        title: 'The call is full',
        text: 'As many people are in it as it admits. When somebody leaves you can join.',
      };
    case 'removed':
      return {
        title: 'You were removed from the call',
        text: 'A host removed you, so you can not join this call again.',
      };
    case 'guests_disabled':
      return {
        title: 'Guests are not admitted',
        text: 'Whoever runs this platform admits invited people only.',
      };
    case 'not_permitted':
      return {
        title: 'Not yours to see',
        text: 'Only people who made a call or took part in it may see this. Join it first, with the browser you use now.',
      };
    case 'network':
    case 'timeout':
      return {
        title: 'The platform does not answer',
        text: 'Either your connection is down or the platform is. Check your network, then try again.',
      };
    case 'overloaded':
    case 'rate_limited':
      return {
        title: 'Too much at once',
        text: 'The platform has more to do than it can. Try again in a moment.',
      };
    default:
      return undefined;
  }
}
