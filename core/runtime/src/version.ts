/** Version of the code that decides; stands in every event it made. */
export const codeVersion = '0.2.0';
