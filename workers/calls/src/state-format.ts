/**
 * Number of what a snapshot holds: the shape that calls are folded to, how events change it, and its lines. Whoever
 * changes any of these counts it up, or an owner would go on from a state that its own fold never makes.
 * `state-format.spec.ts` notices.
 */
export const stateFormat = 2;
