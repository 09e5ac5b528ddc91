/** Version of the code that decides; stands in every event it made. */
export const codeVersion = '0.1.0';
