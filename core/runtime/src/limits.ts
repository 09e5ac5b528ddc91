/** Bounds of what all processes share, each with its reason. */
export const limits = {
  /** Kinds of faults that are counted one by one, the rest together: subjects and errors are few, what others send is not. */
  faultKindsMax: 100,
  /** Of what is said of a message that can not be read. Characters. */
  badMessageLengthMax: 300,
} as const;
